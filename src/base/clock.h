/* clock.h - what time it is. Milliseconds; wall time is UTC since 1970. Threads: any. */
#pragma once

#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_steady_ms(void); /* never goes back; only differences mean anything */
