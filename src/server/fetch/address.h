/* address.h - which network addresses a stranger's URL may lead to. Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* True for global unicast addresses only. Those that carry an IPv4 address inside (NAT64) are judged by
 * it; other disguises (v4-mapped, 6to4, Teredo) are never needed for a public host and never public. */
bool address_is_public(const struct sockaddr *);
/* The same for an address as text, "192.0.2.1" or "2001:db8::1"; false if it is not one. */
bool address_text_is_public(const char *text);
