/* version.h -- the version of the whole. */
#ifndef VERSION_H
#define VERSION_H

#define VERSION "2.0.0"

#endif
