/* provenance.h - the mark that says, to programs, that a video was generated and by whom.
 *
 * An MP4 keeps it as XMP in a `uuid` box of its own, which players pass over:
 *
 *     u32 size | "uuid" | BE7ACFCB-97A9-42E8-9C71-999491E3AFAC | packet of XMP, UTF-8
 *
 * The packet holds IPTC's DigitalSourceType (trainedAlgorithmicMedia), the generator with its version,
 * and the id of the job. Threads: pure.
 */
#pragma once

#include <stddef.h>

enum { PROVENANCE_BOX_MAX = 1536, PROVENANCE_ID_MAX = 64 };

/* The whole box; its size. `job_id` is of letters, digits, _ and -, cut after PROVENANCE_ID_MAX; NULL: no
 * job. */
size_t provenance_box(unsigned char out[PROVENANCE_BOX_MAX], const char *job_id);
