/* What the scenarios of the C client share. */
#pragma once

#include <nats/nats.h>

/* Ends the run with what went wrong. */
void must(natsStatus status, char const* what);

natsConnection* open_plain(void);
/* Ends the connection and what the library keeps for it. */
void close_all(natsConnection* nc);

/* Scenarios of client_streams.c. */
void streams(void);
void pulling(void);
void pushing(void);
void key_value(void);
