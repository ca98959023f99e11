/* studio.h - the web page of the server: HTML, CSS and JavaScript modules, inside the program as they are
 * written, each beside its gzip form. Made into arrays by tools/embed_studio.py; nothing is built or bundled.
 *
 * The page itself talks to the public API alone, with the key that its user types in. Its map:
 *   index.html   the skeleton and the icons     app.js      signing in, the address bar, which view is shown
 *   studio.css   how it looks                   server.js   every request, events, what the server can do
 *   words.js     English; zh.js Chinese         dom.js      making elements, numbers and dates for people
 *   memory.js    what a reload must not lose    create.js   the composer; draft.js what it sends
 *   portrait.js  picture, face and mesh         voice.js    file, recording, text or link; sound.js its samples
 *   video.js     one job: progress, preview,    videos.js   the history
 *                result                         account.js  money, keys, webhooks
 * Threads: constant data.
 */
#pragma once

#include <stddef.h>

struct studio_file {
    const char *name; /* "index.html" */
    const char *type; /* its media type */
    const char *etag; /* with its quotes; of the written form */
    const char *bytes, *gzip;
    size_t size, gzip_size;
};

const struct studio_file *studio_find(const char *name); /* NULL: no such file */
