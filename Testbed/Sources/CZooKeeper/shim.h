#define THREADED
#include <zookeeper/zookeeper.h>

/* The library's list is a variable; this is the same one, constant. */
static inline const struct ACL_vector *czookeeper_open_to_all(void) { return &ZOO_OPEN_ACL_UNSAFE; }
