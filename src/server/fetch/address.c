#include "server/fetch/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define V4(a, b, c, d) \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static bool v4_is_public(uint32_t address)
{
    /* IANA's registry of special-purpose addresses, and one cloud's host service in public space */
    static const struct {
        uint32_t net;
        int bits;
    } special[] = {
        {V4(0, 0, 0, 0), 8},        /* this network */
        {V4(10, 0, 0, 0), 8},       /* private */
        {V4(100, 64, 0, 0), 10},    /* behind a carrier's NAT */
        {V4(127, 0, 0, 0), 8},      /* this machine */
        {V4(168, 63, 129, 16), 32}, /* Azure's host agent and metadata */
        {V4(169, 254, 0, 0), 16},   /* link-local, metadata of most clouds */
        {V4(172, 16, 0, 0), 12},    /* private */
        {V4(192, 0, 0, 0), 24},     /* protocol assignments */
        {V4(192, 0, 2, 0), 24},     /* documentation */
        {V4(192, 88, 99, 0), 24},   /* 6to4 relays */
        {V4(192, 168, 0, 0), 16},   /* private */
        {V4(198, 18, 0, 0), 15},    /* benchmarks */
        {V4(198, 51, 100, 0), 24},  /* documentation */
        {V4(203, 0, 113, 0), 24},   /* documentation */
        {V4(224, 0, 0, 0), 3},      /* multicast, reserved, broadcast */
    };
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if ((address ^ special[i].net) >> (32 - special[i].bits) == 0)
            return false;
    return true;
}

static bool has_prefix(const uint8_t address[16], const uint8_t net[16], int bits)
{
    int whole = bits / 8, rest = bits % 8;
    return memcmp(address, net, (size_t)whole) == 0 &&
           (rest == 0 || (address[whole] ^ net[whole]) >> (8 - rest) == 0);
}

static bool v6_is_public(const uint8_t address[16])
{
    static const uint8_t nat64[16] = {0x00, 0x64, 0xff, 0x9b}, global[16] = {0x20};
    static const struct {
        uint8_t net[16];
        int bits;
    } special[] = {
        {{0x20, 0x01, 0x00, 0x00}, 23}, /* protocol assignments: Teredo, ORCHID, benchmarks */
        {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
        {{0x20, 0x02}, 16},             /* 6to4 */
        {{0x3f, 0xff, 0x00}, 20},       /* documentation */
    };
    if (has_prefix(address, nat64, 96))
        return v4_is_public(V4(address[12], address[13], address[14], address[15]));
    if (!has_prefix(address, global, 3)) /* all that is routed on the Internet is in 2000::/3 */
        return false;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (has_prefix(address, special[i].net, special[i].bits))
            return false;
    return true;
}

bool address_is_public(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    switch (address->sa_family) {
    case AF_INET:
        memcpy(&v4, address, sizeof(v4));
        return v4_is_public(ntohl(v4.sin_addr.s_addr));
    case AF_INET6:
        memcpy(&v6, address, sizeof(v6));
        return v6_is_public(v6.sin6_addr.s6_addr);
    default:
        return false;
    }
}

bool address_text_is_public(const char *text)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, text, &v4) == 1)
        return v4_is_public(ntohl(v4.s_addr));
    return inet_pton(AF_INET6, text, &v6) == 1 && v6_is_public(v6.s6_addr);
}
