#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "scratch.h"
#include "server/fetch/fetch.h"

/* A web server of bad manners on loopback, one thread a connection. */
static int listener = -1, server_port;
static atomic_int visits, connections;
static pthread_t server;
static char allow[32];
static struct fetch_policy policy = {.allow_hosts = allow, .total_timeout_ms = 5000};
static const struct fetch_policy nothing_allowed;

static void say(int fd, const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t k = send(fd, text, n, MSG_NOSIGNAL);
        if (k <= 0)
            return;
        text += k;
        n -= (size_t)k;
    }
}

/* Until the other side goes. */
static void wait_for_end(int fd)
{
    char c[256];
    while (recv(fd, c, sizeof(c), 0) > 0)
        ;
}

static void endless(int fd)
{
    static char block[65536];
    while (send(fd, block, sizeof(block), MSG_NOSIGNAL) > 0)
        ;
}

static void *answer(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char q[2048] = "", path[256] = "", to[128];
    ssize_t n = recv(fd, q, sizeof(q) - 1, 0);
    q[n > 0 ? n : 0] = '\0';
    sscanf(q, "GET %255s", path);
    visits++;
    if (strcmp(path, "/ok") == 0)
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    else if (strcmp(path, "/agent") == 0 && strstr(q, "User-Agent: orator/") &&
             !strstr(q, "Accept-Encoding"))
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
    else if (strcmp(path, "/empty") == 0)
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/secret-404") == 0)
        say(fd, "HTTP/1.1 404 s3cret\r\nContent-Length: 6\r\n\r\ns3cret");
    else if (strcmp(path, "/short") == 0)
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello");
    else if (strcmp(path, "/lies") == 0)
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nhello");
    else if (strcmp(path, "/private") == 0)
        say(fd, "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/x\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/metadata") == 0)
        say(fd, "HTTP/1.1 307 T\r\nLocation: http://169.254.169.254/latest\r\n\r\n");
    else if (strcmp(path, "/file") == 0)
        say(fd, "HTTP/1.1 301 M\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/gopher") == 0)
        say(fd, "HTTP/1.1 301 M\r\nLocation: gopher://127.0.0.1:6379/_x\r\n\r\n");
    else if (strcmp(path, "/neighbour") == 0) {
        snprintf(to, sizeof(to), "HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:%d/ok\r\n\r\n",
                 server_port ^ 1);
        say(fd, to);
    } else if (path[1] == 'h' && path[2] == 'o' && path[3] == 'p') {
        int left = path[4] - '0';
        snprintf(to, sizeof(to),
                 "HTTP/1.1 302 F\r\nLocation: %s%c\r\nContent-Length: 4\r\n\r\nfrom",
                 left > 1 ? "/hop" : "/o", left > 1 ? '0' + left - 1 : 'k');
        say(fd, to);
    } else if (strcmp(path, "/endless") == 0) {
        say(fd, "HTTP/1.1 200 OK\r\n\r\n");
        endless(fd);
    } else if (strcmp(path, "/endless-head") == 0) {
        say(fd, "HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 100000; i++)
            say(fd, "X-Filler: 0123456789012345678901234567890123456789\r\n");
    } else if (strcmp(path, "/silent") == 0) {
        wait_for_end(fd);
    } else {
        say(fd, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    }
    shutdown(fd, SHUT_WR);
    wait_for_end(fd);
    close(fd);
    return NULL;
}

static void *serve(void *unused)
{
    (void)unused;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;) {
        pthread_t t;
        connections++;
        if (pthread_create(&t, NULL, answer, (void *)(intptr_t)fd) == 0)
            pthread_detach(t);
    }
    return NULL;
}

static pid_t namespaced;
static int start_pipe[2];
static char hosts_folder[SCRATCH_SIZE], hosts[SCRATCH_SIZE + 8];
static struct bytes body;
static struct orator_error err;

/* In a mount namespace of its own, where the hosts file says that a good name lives on loopback. Forked
 * before the first thread, as sanitizers want it; waits for its start. */
static int fetch_with_hosts(void)
{
    char url[64], go;
    if (read(start_pipe[0], &go, 1) != 1)
        return 0;
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount(hosts, "/etc/hosts", NULL, MS_BIND, NULL))
        return 77;
    snprintf(url, sizeof(url), "http://cdn.example.com:%d/ok", server_port);
    enum orator_status s = fetch_url(&body, url, &policy, 99, ORATOR_IO, NULL, &err);
    if (s != ORATOR_URL_FORBIDDEN) {
        printf("%s: %s\n", orator_status_word(s), err.text);
        return 1;
    }
    struct fetch_policy open = {.allow_hosts = url + 7}; /* and the list opens it */
    url[strlen(url) - 3] = '\0';
    char again[72];
    snprintf(again, sizeof(again), "%s/ok", url);
    s = fetch_url(&body, again, &open, 99, ORATOR_IO, NULL, &err);
    if (s != ORATOR_OK)
        printf("%s: %s\n", orator_status_word(s), err.text);
    bytes_fini(&body);
    return s == ORATOR_OK ? 0 : 2;
}

static int begin(void **state)
{
    (void)state;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(a);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&a, size) || listen(listener, 16) ||
        getsockname(listener, (struct sockaddr *)&a, &size))
        return -1;
    server_port = ntohs(a.sin_port);
    snprintf(allow, sizeof(allow), "127.0.0.1:%d", server_port);
    setenv("http_proxy", "http://127.0.0.1:1/", 1); /* must not be asked */
    if (fetch_setup(NULL) != ORATOR_OK)
        return -1;

    scratch_new(hosts_folder);
    snprintf(hosts, sizeof(hosts), "%s/hosts", hosts_folder);
    FILE *f = fopen(hosts, "w");
    if (!f || pipe(start_pipe))
        return -1;
    fputs("127.0.0.1 cdn.example.com\n", f);
    fclose(f);
    namespaced = fork();
    if (namespaced == 0) {
        close(start_pipe[1]);
        _exit(fetch_with_hosts());
    }
    return pthread_create(&server, NULL, serve, NULL);
}

static int end(void **state)
{
    (void)state;
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    close(listener);
    scratch_remove(hosts_folder);
    return 0;
}

static enum orator_status get(const char *path, size_t limit)
{
    char url[256];
    bytes_fini(&body);
    err = (struct orator_error){0};
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server_port, path);
    return fetch_url(&body, url, &policy, limit, ORATOR_AUDIO_TOO_LARGE, NULL, &err);
}

static void an_allowed_host_is_read(void **state)
{
    (void)state;
    assert_int_equal(get("/ok", 5), ORATOR_OK);
    assert_int_equal(body.size, 5);
    assert_string_equal((char *)body.data, "hello");
    assert_int_equal(get("/agent", 5), ORATOR_OK);
    assert_int_equal(get("/hop3", 5), ORATOR_OK);
    assert_string_equal((char *)body.data, "hello"); /* nothing of the redirects' bodies */
    bytes_fini(&body);
}

static void the_list_opens_one_port_of_one_host(void **state)
{
    (void)state;
    char url[64];
    int before = visits;
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/ok", server_port);
    assert_int_equal(fetch_url(&body, url, &nothing_allowed, 9, ORATOR_IO, NULL, NULL),
                     ORATOR_URL_FORBIDDEN);
    snprintf(url, sizeof(url), "http://127.0.0.2:%d/ok", server_port);
    assert_int_equal(fetch_url(&body, url, &policy, 9, ORATOR_IO, NULL, NULL),
                     ORATOR_URL_FORBIDDEN);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d0/ok", server_port / 10 % 6000);
    assert_int_equal(fetch_url(&body, url, &policy, 9, ORATOR_IO, NULL, NULL),
                     ORATOR_URL_FORBIDDEN);
    assert_int_equal(visits, before);

    struct fetch_policy list = {.allow_hosts = "cdn.lan:80, [::1]:8080,Box:9000"};
    assert_int_equal(url_check("http://cdn.lan/a.png", &list, "u", NULL), ORATOR_OK);
    assert_int_equal(url_check("http://CDN.lan:80/a.png", &list, "u", NULL), ORATOR_OK);
    assert_int_equal(url_check("http://[::1]:8080/", &list, "u", NULL), ORATOR_OK);
    assert_int_equal(url_check("http://box:9000/", &list, "u", NULL), ORATOR_OK);
    assert_int_equal(url_check("https://cdn.lan/", &list, "u", NULL), ORATOR_URL_FORBIDDEN);
    assert_int_equal(url_check("http://n.lan/", &list, "u", NULL), ORATOR_URL_FORBIDDEN);
    assert_int_equal(url_check("http://lan/", &list, "u", NULL), ORATOR_URL_FORBIDDEN);
}

static void redirects_are_checked_again(void **state)
{
    (void)state;
    assert_int_equal(get("/private", 99), ORATOR_URL_FORBIDDEN);
    assert_int_equal(get("/metadata", 99), ORATOR_URL_FORBIDDEN);
    assert_int_equal(get("/neighbour", 99), ORATOR_URL_FORBIDDEN);
    assert_int_equal(get("/file", 99), ORATOR_INVALID_URL);
    assert_int_equal(get("/gopher", 99), ORATOR_INVALID_URL);
    assert_null(body.data);
    int before = visits;
    assert_int_equal(get("/hop4", 99), ORATOR_DOWNLOAD_FAILED); /* the fourth */
    assert_int_equal(visits - before, 4);
}

static void an_endless_body_is_stopped_at_the_limit(void **state)
{
    (void)state;
    int64_t start = clock_steady_ms();
    assert_int_equal(get("/endless", 300000), ORATOR_AUDIO_TOO_LARGE);
    assert_int_equal(get("/lies", 300000), ORATOR_AUDIO_TOO_LARGE);
    assert_int_equal(get("/ok", 4), ORATOR_AUDIO_TOO_LARGE);
    assert_int_equal(get("/endless-head", 300000), ORATOR_DOWNLOAD_FAILED);
    assert_true(clock_steady_ms() - start < 4000);
    assert_null(body.data);
}

static void a_silent_server_runs_out_of_time(void **state)
{
    (void)state;
    int64_t start = clock_steady_ms();
    policy.total_timeout_ms = 300;
    assert_int_equal(get("/silent", 99), ORATOR_DOWNLOAD_TIMEOUT);
    policy.total_timeout_ms = 5000;
    assert_in_range(clock_steady_ms() - start, 250, 2000);
}

static atomic_int stop;
static void *stop_soon(void *unused)
{
    (void)unused;
    usleep(100000);
    stop = 1;
    return NULL;
}

static void the_stop_flag_ends_it(void **state)
{
    (void)state;
    pthread_t t;
    char url[64];
    int64_t start = clock_steady_ms();
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/silent", server_port);
    assert_int_equal(pthread_create(&t, NULL, stop_soon, NULL), 0);
    assert_int_equal(fetch_url(&body, url, &policy, 9, ORATOR_IO, &stop, NULL), ORATOR_CANCELED);
    pthread_join(t, NULL);
    assert_true(clock_steady_ms() - start < 3000);
}

static void nothing_of_the_answer_is_repeated(void **state)
{
    (void)state;
    assert_int_equal(get("/secret-404", 99), ORATOR_DOWNLOAD_FAILED);
    assert_null(strstr(err.text, "s3cret"));
    assert_int_equal(get("/empty", 99), ORATOR_DOWNLOAD_FAILED);
    assert_int_equal(get("/short", 999), ORATOR_DOWNLOAD_FAILED);
    assert_int_equal(get("/else", 99), ORATOR_DOWNLOAD_FAILED);
    assert_null(body.data);
}

static void a_good_name_with_a_private_address_is_refused(void **state)
{
    (void)state;
    int status = -1, before = connections;
    assert_int_equal(write(start_pipe[1], "g", 1), 1);
    assert_int_equal(waitpid(namespaced, &status, 0), namespaced);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip(); /* this machine lets nobody mount */
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(connections - before, 1); /* not even a connection was made for the refused */
}

static void disguises_are_refused_at_once(void **state)
{
    (void)state;
    enum { F = ORATOR_URL_FORBIDDEN, I = ORATOR_INVALID_URL };
    static const struct {
        const char *url;
        int status;
    } cases[] = {
        /* plain */
        {"http://127.0.0.1/", F},
        {"http://127.0.0.1:8080/", F},
        {"https://127.8.9.10/", F},
        {"http://0.0.0.0/", F},
        {"http://10.1.2.3/", F},
        {"http://172.16.0.1/", F},
        {"http://172.31.255.255/", F},
        {"http://192.168.1.1/", F},
        {"http://169.254.169.254/latest/meta-data/", F},
        {"http://100.64.0.1/", F},
        {"http://100.100.100.200/latest/meta-data/", F},
        {"http://168.63.129.16/metadata", F},
        {"http://192.0.0.192/", F},
        {"http://192.0.2.1/", F},
        {"http://198.18.0.1/", F},
        {"http://198.51.100.7/", F},
        {"http://203.0.113.9/", F},
        {"http://224.0.0.1/", F},
        {"http://240.0.0.1/", F},
        {"http://255.255.255.255/", F},
        /* IPv6 */
        {"http://[::]/", F},
        {"http://[::1]/", F},
        {"http://[0:0:0:0:0:0:0:1]/", F},
        {"http://[0000:0000:0000:0000:0000:0000:0000:0001]/", F},
        {"http://[::ffff:127.0.0.1]/", F},
        {"http://[::ffff:7f00:1]/", F},
        {"http://[::ffff:8.8.8.8]/", F},
        {"http://[::127.0.0.1]/", F},
        {"http://[64:ff9b::127.0.0.1]/", F},
        {"http://[64:ff9b::a9fe:a9fe]/", F},
        {"http://[64:ff9b:1::8.8.8.8]/", F},
        {"http://[64:ff9b::1:808:808]/", F},
        {"http://[2002:7f00:1::]/", F},
        {"http://[2002:808:808::1]/", F},
        {"http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", F},
        {"http://[2001:db8::1]/", F},
        {"http://[3fff::1]/", F},
        {"http://[fc00::1]/", F},
        {"http://[fd00:ec2::254]/latest/meta-data/", F},
        {"http://[fe80::1]/", F},
        {"http://[fec0::1]/", F},
        {"http://[ff02::1]/", F},
        {"http://[100::1]/", F},
        {"http://[::1%25lo]/", I},
        {"http://[::1%lo]/", I},
        {"http://[127.0.0.1]/", I},
        {"http://[::1/", I},
        {"http://[v1.x]/", I},
        /* old notations of IPv4 */
        {"http://127.1/", I},
        {"http://127.0.1/", I},
        {"http://2130706433/", I},
        {"http://017700000001/", I},
        {"http://0x7f000001/", I},
        {"http://0x7f.1/", I},
        {"http://0X7F.0.0.1/", I},
        {"http://0177.0.0.1/", I},
        {"http://127.0.0.01/", I},
        {"http://127.0.0.0x1/", I},
        {"http://0/", I},
        {"http://127.0.0.1.1/", I},
        {"http://1.2.3.4.5/", I},
        {"http://256.1.1.1/", I},
        {"http://example.0x7f/", I},
        /* dots and letters that only look alike */
        {"http://127.0.0.1./", I},
        {"http://localhost./", I},
        {"http://example.com./", I},
        {"http://.example.com/", I},
        {"http://a..example.com/", I},
        {"http://127\xe3\x80\x82"
         "0.0.1/",
         I},
        {"http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/", I},
        {"http://%31%32%37.0.0.1/", I},
        {"http://127.0.0.1%00.example.com/", I},
        {"http://ex%61mple.com/", I},
        /* names of the inside */
        {"http://localhost/", F},
        {"http://LOCALHOST:8080/", F},
        {"http://a.localhost/", F},
        {"http://redis/", F},
        {"http://printer.local/", F},
        {"http://metadata.google.internal/", F},
        {"http://nas.home.arpa/", F},
        {"http://router.lan/", F},
        /* who is the host? */
        {"http://user:pw@example.com/", I},
        {"http://example.com@127.0.0.1/", I},
        {"http://127.0.0.1@example.com/", I},
        {"http://@example.com/", I},
        {"http://127.0.0.1\\@example.com/", I},
        {"http://example.com\\.evil.com/", I},
        {"http://127.0.0.1 example.com/", I},
        {"http://example.com\t/", I},
        {"http://example.com/\r\nHost: x", I},
        {"http:/127.0.0.1/", I},
        {"http:///127.0.0.1/", I},
        {"http:127.0.0.1", I},
        {"http://", I},
        {"http://?x", I},
        {"http://:80/", I},
        {" http://example.com/", I},
        {"//example.com/", I},
        {"example.com/a.png", I},
        {"", I},
        /* schemes */
        {"file:///etc/passwd", I},
        {"gopher://127.0.0.1:6379/_INFO", I},
        {"ftp://example.com/a.png", I},
        {"dict://127.0.0.1:11211/stat", I},
        {"ldap://example.com/", I},
        {"jar:http://example.com/", I},
        {"javascript:alert(1)", I},
        {"httpx://example.com/", I},
        /* ports */
        {"http://example.com:0/", I},
        {"http://example.com:65536/", I},
        {"http://example.com:/", I},
        {"http://example.com:080/", I},
        {"http://example.com:8o/", I},
        {"http://example.com:-80/", I},
        {"http://example.com:80:80/", I},
        {"http://example.com:22/", F},
        {"http://example.com:25/", F},
        {"https://example.com:139/", F},
    };
    assert_true(sizeof(cases) / sizeof(cases[0]) >= 60);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct orator_error why = {0};
        enum orator_status s = url_check(cases[i].url, &nothing_allowed, "image_url", &why);
        if (s != (enum orator_status)cases[i].status)
            fail_msg("%s: %s, %s", cases[i].url, orator_status_word(s), why.text);
        assert_string_equal(why.param, "image_url");
    }
}

static void what_people_send_is_accepted(void **state)
{
    (void)state;
    static const char *const good[] = {
        "https://cdn.example.com/avatar.png",
        "http://example.com",
        "HTTPS://Example.COM:443/A?b=c&d=%20#e",
        "https://example.com:8443/a@b:c",
        "https://a-b.c_d.example.co.uk/x?u=http://127.0.0.1/",
        "https://xn--bcher-kva.example/",
        "http://8.8.8.8/x",
        "http://[2606:4700:4700::1111]/",
        "http://[64:ff9b::8.8.8.8]:8080/",
        "https://1.example.com/",
        "https://example.com/\xc3\xbc-.png",
        "data:image/png;base64,aGVsbG8=",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct orator_error why = {0};
        if (url_check(good[i], &nothing_allowed, "image_url", &why) != ORATOR_OK)
            fail_msg("%s: %s", good[i], why.text);
    }
    char long_url[4200];
    snprintf(long_url, sizeof(long_url), "https://example.com/%04076d", 0);
    assert_int_equal(strlen(long_url), 4096);
    assert_int_equal(url_check(long_url, &nothing_allowed, "u", NULL), ORATOR_OK);
    strcat(long_url, "x");
    assert_int_equal(url_check(long_url, &nothing_allowed, "u", NULL), ORATOR_INVALID_URL);
}

static void data_urls_are_decoded_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *url, *text; /* NULL: refused */
    } cases[] = {
        {"data:image/png;base64,aGVsbG8=", "hello"},
        {"DATA:;BASE64,aGk=", "hi"},
        {"data:audio/wav;x=y;base64,aGVsbG8h", "hello!"},
        {"data:;base64,aGVsbG8%3D", "hello"},
        {"data:,a%20b", "a b"},
        {"data:text/plain;charset=utf-8,x", "x"},
        {"data:;base64,+/+/", "\xfb\xff\xbf"},
        {"data:image/png;base64,aGVsbG8", NULL},   /* no padding */
        {"data:image/png;base64,aGVsbG9=", NULL},  /* bits beyond the end */
        {"data:image/png;base64,aGVs bG8=", NULL}, /* white space */
        {"data:image/png;base64,aGVs\nbG8=", NULL},
        {"data:image/png;base64,aGVsbG8==", NULL},
        {"data:image/png;base64,aGV=bG8=", NULL},
        {"data:image/png;base64,=aGV", NULL},
        {"data:image/png;base64,-_-_", NULL}, /* another alphabet */
        {"data:image/png;base64,", NULL},
        {"data:image/png;base64", NULL},
        {"data:image/png", NULL},
        {"data:,", NULL},
        {"data:,%4", NULL},
        {"data:,%zz", NULL},
        {"data:,a b", NULL},
        {"data:,\xff", NULL},
        {"data:text/ plain,x", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes b;
        const char *url = cases[i].url;
        enum orator_status s = fetch_url(&b, url, &policy, 6, ORATOR_IMAGE_TOO_LARGE, NULL, &err);
        if (s != (cases[i].text ? ORATOR_OK : ORATOR_INVALID_URL))
            fail_msg("%s: %s", url, orator_status_word(s));
        assert_int_equal(url_check(url, &policy, "image_url", NULL), s);
        if (cases[i].text) {
            assert_int_equal(b.size, strlen(cases[i].text));
            assert_string_equal((char *)b.data, cases[i].text);
        }
        bytes_fini(&b);
    }
    struct bytes b;
    assert_int_equal(
        fetch_url(&b, "data:;base64,aGVsbG8h", &policy, 5, ORATOR_IMAGE_TOO_LARGE, NULL, &err),
        ORATOR_IMAGE_TOO_LARGE);
    assert_null(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disguises_are_refused_at_once),
        cmocka_unit_test(what_people_send_is_accepted),
        cmocka_unit_test(data_urls_are_decoded_strictly),
        cmocka_unit_test(an_allowed_host_is_read),
        cmocka_unit_test(the_list_opens_one_port_of_one_host),
        cmocka_unit_test(redirects_are_checked_again),
        cmocka_unit_test(an_endless_body_is_stopped_at_the_limit),
        cmocka_unit_test(a_silent_server_runs_out_of_time),
        cmocka_unit_test(the_stop_flag_ends_it),
        cmocka_unit_test(nothing_of_the_answer_is_repeated),
        cmocka_unit_test(a_good_name_with_a_private_address_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
