/* One scenario of the C client against the server at NATS_URL: what scenarios.mjs is for the other.
 * Prints what happened, without anything that differs from run to run. */

#include "client.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char const* url;

void must(natsStatus status, char const* what) {
    if (status != NATS_OK) {
        printf("%s: %s\n", what, natsStatus_GetText(status));
        exit(1);
    }
}

typedef struct {
    bool verbose;
    bool pedantic;
    bool no_echo;
    char const* user;
    char const* password;
    char const* token;
    bool reconnects;
    bool secure;
    bool shows_certificate;
    bool trusts_nobody;
} Settings;

static void on_reconnected(natsConnection* nc, void* closure) {
    (void)nc;
    *(int volatile*)closure += 1;
}

static int volatile reconnected = 0;
static int volatile closed = 0;

static natsStatus try_open(natsConnection** nc, Settings settings) {
    natsOptions* options = NULL;
    must(natsOptions_Create(&options), "options");
    must(natsOptions_SetURL(options, url), "url");
    must(natsOptions_SetTimeout(options, 5000), "timeout");
    must(natsOptions_SetVerbose(options, settings.verbose), "verbose");
    must(natsOptions_SetPedantic(options, settings.pedantic), "pedantic");
    must(natsOptions_SetNoEcho(options, settings.no_echo), "no echo");
    must(natsOptions_SetAllowReconnect(options, settings.reconnects), "reconnect");
    must(natsOptions_SetReconnectWait(options, 50), "reconnect wait");
    must(natsOptions_SetReconnectedCB(options, on_reconnected, (void*)&reconnected), "callback");
    must(natsOptions_SetClosedCB(options, on_reconnected, (void*)&closed), "callback");
    if (settings.user != NULL) {
        must(natsOptions_SetUserInfo(options, settings.user, settings.password), "user");
    }
    if (settings.token != NULL) {
        must(natsOptions_SetToken(options, settings.token), "token");
    }
    if (settings.secure) {
        must(natsOptions_SetSecure(options, true), "secure");
        if (!settings.trusts_nobody) {
            must(natsOptions_LoadCATrustedCertificates(options, getenv("TLS_CA")), "authority");
        }
        if (settings.shows_certificate) {
            must(natsOptions_LoadCertificatesChain(options, getenv("TLS_CERT"), getenv("TLS_KEY")),
                 "certificate");
        }
    }
    natsStatus const status = natsConnection_Connect(nc, options);
    natsOptions_Destroy(options);
    return status;
}

static natsConnection* open_with(Settings settings) {
    natsConnection* nc = NULL;
    must(try_open(&nc, settings), "connect");
    return nc;
}

natsConnection* open_plain(void) {
    return open_with((Settings){.reconnects = true});
}

static natsSubscription* subscribe(natsConnection* nc, char const* subject) {
    natsSubscription* sub = NULL;
    must(natsConnection_SubscribeSync(&sub, nc, subject), "subscribe");
    return sub;
}

static void ask(char const* what) {
    char line[64];
    printf("@%s\n", what);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) {
        exit(2);
    }
}

/* All that the subscription has got, on one line. */
static void print_all(char const* name, natsSubscription* sub) {
    natsMsg* msg = NULL;
    printf("%s", name);
    while (natsSubscription_NextMsg(&msg, sub, 50) == NATS_OK) {
        printf(" %s=%.*s", natsMsg_GetSubject(msg), natsMsg_GetDataLength(msg),
               natsMsg_GetData(msg));
        natsMsg_Destroy(msg);
    }
    printf("\n");
}

static int count_all(natsSubscription* sub) {
    natsMsg* msg = NULL;
    int count = 0;
    while (natsSubscription_NextMsg(&msg, sub, 50) == NATS_OK) {
        natsMsg_Destroy(msg);
        ++count;
    }
    return count;
}

void close_all(natsConnection* nc) {
    natsConnection_Close(nc);
    natsConnection_Destroy(nc);
}

static void info(void) {
    natsConnection* nc = open_plain();
    char id[128] = "";
    char ip[64] = "";
    must(natsConnection_GetConnectedServerId(nc, id, sizeof id), "server id");
    printf("server id %c %zu\n", id[0], strlen(id));
    printf("max payload %lld\n", (long long)natsConnection_GetMaxPayload(nc));
    printf("headers %s\n", natsStatus_GetText(natsConnection_HasHeaderSupport(nc)));
    char* shown = NULL;
    if (natsConnection_GetClientIP(nc, &shown) == NATS_OK && shown != NULL) {
        snprintf(ip, sizeof ip, "%s", shown);
        free(shown);
    }
    printf("client ip %s\n", ip);
    int64_t rtt = 0;
    printf("rtt %s\n", natsStatus_GetText(natsConnection_GetRTT(nc, &rtt)));
    close_all(nc);
}

static void publish_and_subscribe(void) {
    char const* filters[] = {"orders.new", "orders.*", "orders.>", "orders.*.eu"};
    char const* subjects[] = {"orders.new", "orders.old", "orders.new.eu", "orders", "order.new"};
    natsConnection* nc = open_plain();
    natsSubscription* subs[4];
    for (int i = 0; i < 4; ++i) {
        subs[i] = subscribe(nc, filters[i]);
    }
    for (int i = 0; i < 5; ++i) {
        must(natsConnection_PublishString(nc, subjects[i], subjects[i]), "publish");
    }
    must(natsConnection_Flush(nc), "flush");
    for (int i = 0; i < 4; ++i) {
        print_all(filters[i], subs[i]);
        natsSubscription_Destroy(subs[i]);
    }
    close_all(nc);
}

static void payloads(void) {
    int const sizes[] = {0, 1, 1024, 65535, 65536, 1048576};
    natsConnection* nc = open_plain();
    natsSubscription* sub = subscribe(nc, "p");
    char* bytes = malloc(1048577);
    for (int i = 0; i < 1048577; ++i) {
        bytes[i] = (char)(i % 251);
    }
    for (int i = 0; i < 6; ++i) {
        must(natsConnection_Publish(nc, "p", bytes, sizes[i]), "publish");
    }
    for (int i = 0; i < 6; ++i) {
        natsMsg* msg = NULL;
        must(natsSubscription_NextMsg(&msg, sub, 5000), "next");
        bool const same = natsMsg_GetDataLength(msg) == sizes[i] &&
                          memcmp(natsMsg_GetData(msg), bytes, (size_t)sizes[i]) == 0;
        printf("%d %s\n", natsMsg_GetDataLength(msg), same ? "same" : "different");
        natsMsg_Destroy(msg);
    }
    printf("too large: %s\n", natsStatus_GetText(natsConnection_Publish(nc, "p", bytes, 1048577)));
    free(bytes);
    natsSubscription_Destroy(sub);
    close_all(nc);
}

static void queue_groups(void) {
    natsConnection* nc = open_plain();
    natsConnection* other = open_plain();
    natsSubscription* members[3];
    for (int i = 0; i < 3; ++i) {
        must(natsConnection_QueueSubscribeSync(&members[i], i == 0 ? other : nc, "work", "workers"),
             "subscribe");
    }
    natsSubscription* plain = subscribe(nc, "work");
    must(natsConnection_Flush(nc), "flush");
    must(natsConnection_Flush(other), "flush");
    for (int i = 0; i < 600; ++i) {
        must(natsConnection_PublishString(nc, "work", "x"), "publish");
    }
    must(natsConnection_Flush(nc), "flush");
    must(natsConnection_Flush(other), "flush");
    int total = 0;
    bool shared = true;
    for (int i = 0; i < 3; ++i) {
        int const got = count_all(members[i]);
        total += got;
        shared = shared && got > 120;
        natsSubscription_Destroy(members[i]);
    }
    printf("each once %d plain %d shared %d\n", total, count_all(plain), shared);
    natsSubscription_Destroy(plain);
    close_all(nc);
    close_all(other);
}

static void on_request(natsConnection* nc, natsSubscription* sub, natsMsg* msg, void* closure) {
    char answer[32];
    (void)sub;
    (void)closure;
    snprintf(answer, sizeof answer, "%d", 2 * atoi(natsMsg_GetData(msg)));
    natsConnection_PublishString(nc, natsMsg_GetReply(msg), answer);
    natsMsg_Destroy(msg);
}

static void requests(void) {
    natsConnection* asker = open_plain();
    natsConnection* replier = open_plain();
    natsSubscription* sub = NULL;
    must(natsConnection_Subscribe(&sub, replier, "double", on_request, NULL), "subscribe");
    natsSubscription* silent = subscribe(replier, "silent");
    must(natsConnection_Flush(replier), "flush");
    natsMsg* reply = NULL;
    must(natsConnection_RequestString(&reply, asker, "double", "21", 2000), "request");
    printf("answer %.*s\n", natsMsg_GetDataLength(reply), natsMsg_GetData(reply));
    natsMsg_Destroy(reply);
    printf("nobody: %s\n",
           natsStatus_GetText(natsConnection_RequestString(&reply, asker, "nobody", "", 2000)));
    printf("silent: %s\n",
           natsStatus_GetText(natsConnection_RequestString(&reply, asker, "silent", "", 200)));
    natsSubscription_Destroy(silent);
    natsSubscription_Destroy(sub);
    close_all(asker);
    close_all(replier);
}

static void message_headers(void) {
    natsConnection* nc = open_plain();
    natsSubscription* sub = subscribe(nc, "h");
    natsMsg* sent = NULL;
    must(natsMsg_Create(&sent, "h", NULL, "body", 4), "message");
    must(natsMsgHeader_Add(sent, "Multi", "a"), "header");
    must(natsMsgHeader_Add(sent, "Multi", "b"), "header");
    must(natsMsgHeader_Set(sent, "Other", "c: d"), "header");
    must(natsConnection_PublishMsg(nc, sent), "publish");
    natsMsg_Destroy(sent);
    natsMsg* msg = NULL;
    must(natsSubscription_NextMsg(&msg, sub, 5000), "next");
    char const** values = NULL;
    int count = 0;
    must(natsMsgHeader_Values(msg, "Multi", &values, &count), "values");
    for (int i = 0; i < count; ++i) {
        printf("Multi %s\n", values[i]);
    }
    free((void*)values);
    char const* other = NULL;
    must(natsMsgHeader_Get(msg, "Other", &other), "value");
    printf("Other %s, %.*s\n", other, natsMsg_GetDataLength(msg), natsMsg_GetData(msg));
    natsMsg_Destroy(msg);
    natsSubscription_Destroy(sub);
    close_all(nc);
}

static void unsubscribing(void) {
    natsConnection* nc = open_plain();
    natsSubscription* sub = subscribe(nc, "u");
    must(natsSubscription_AutoUnsubscribe(sub, 3), "auto unsubscribe");
    for (int i = 0; i < 10; ++i) {
        must(natsConnection_PublishString(nc, "u", "x"), "publish");
    }
    must(natsConnection_Flush(nc), "flush");
    printf("max %d\n", count_all(sub));
    natsSubscription_Destroy(sub);
    close_all(nc);
}

static void no_echo(void) {
    natsConnection* quiet = open_with((Settings){.no_echo = true});
    natsConnection* other = open_plain();
    natsSubscription* sub = subscribe(quiet, "e");
    must(natsConnection_Flush(quiet), "flush");
    must(natsConnection_PublishString(quiet, "e", "own"), "publish");
    must(natsConnection_Flush(quiet), "flush");
    must(natsConnection_PublishString(other, "e", "other"), "publish");
    must(natsConnection_Flush(other), "flush");
    print_all("heard", sub);
    natsSubscription_Destroy(sub);
    close_all(quiet);
    close_all(other);
}

static int volatile drained = 0;

static void on_drained(natsConnection* nc, natsSubscription* sub, natsMsg* msg, void* closure) {
    (void)nc;
    (void)sub;
    (void)closure;
    ++drained;
    natsMsg_Destroy(msg);
}

static void draining(void) {
    natsConnection* nc = open_plain();
    natsConnection* publisher = open_plain();
    natsSubscription* sub = NULL;
    must(natsConnection_Subscribe(&sub, nc, "d", on_drained, NULL), "subscribe");
    must(natsConnection_Flush(nc), "flush");
    for (int i = 0; i < 50; ++i) {
        must(natsConnection_PublishString(publisher, "d", "x"), "publish");
    }
    must(natsConnection_Flush(publisher), "flush");
    must(natsConnection_DrainTimeout(nc, 5000), "drain");
    while (closed == 0) {
        nats_Sleep(5);
    }
    printf("drained %d\n", drained);
    natsSubscription_Destroy(sub);
    natsConnection_Destroy(nc);
    close_all(publisher);
}

static void pedantic_and_verbose(void) {
    natsConnection* nc = open_with((Settings){.verbose = true, .pedantic = true});
    natsSubscription* sub = subscribe(nc, "v");
    must(natsConnection_PublishString(nc, "v", "heard"), "publish");
    must(natsConnection_Flush(nc), "flush");
    print_all("got", sub);
    natsSubscription_Destroy(sub);
    close_all(nc);
}

static void print_attempt(char const* name, Settings settings) {
    natsConnection* nc = NULL;
    natsStatus const status = try_open(&nc, settings);
    printf("%s: %s\n", name, natsStatus_GetText(status));
    if (status == NATS_OK) {
        close_all(nc);
    }
}

static void users(void) {
    print_attempt("plain", (Settings){.user = "ann", .password = "secret"});
    print_attempt("bcrypt", (Settings){.user = "bob", .password = "password"});
    print_attempt("wrong", (Settings){.user = "ann", .password = "wrong"});
    print_attempt("nobody", (Settings){.user = "eve", .password = "secret"});
    print_attempt("none", (Settings){0});
    print_attempt("token", (Settings){.token = "secret"});
}

static void tokens(void) {
    print_attempt("in", (Settings){.token = "s3cr3t"});
    print_attempt("wrong", (Settings){.token = "wrong"});
    print_attempt("none", (Settings){0});
}

static void tls(void) {
    natsConnection* nc = open_with((Settings){.secure = true, .shows_certificate = true});
    natsSubscription* sub = subscribe(nc, "large");
    static char large[900 * 1000];
    memset(large, 7, sizeof large);
    for (int i = 0; i < 20; ++i) {
        must(natsConnection_Publish(nc, "large", large, sizeof large), "publish");
    }
    must(natsConnection_Flush(nc), "flush");
    int whole = 0;
    for (int i = 0; i < 20; ++i) {
        natsMsg* msg = NULL;
        must(natsSubscription_NextMsg(&msg, sub, 5000), "next");
        bool const same = natsMsg_GetDataLength(msg) == sizeof large;
        whole += same && memcmp(natsMsg_GetData(msg), large, sizeof large) == 0;
        natsMsg_Destroy(msg);
    }
    printf("whole %d\n", whole);
    natsSubscription_Destroy(sub);
    close_all(nc);
    print_attempt("again", (Settings){.secure = true, .shows_certificate = true});
    natsStatus const without = try_open(&nc, (Settings){.secure = true});
    printf("without a certificate: %d\n", without != NATS_OK);
    natsStatus const strange =
        try_open(&nc, (Settings){.secure = true, .shows_certificate = true, .trusts_nobody = true});
    printf("trusting nobody: %d\n", strange != NATS_OK);
}

static void reconnecting(void) {
    natsConnection* nc = open_plain();
    natsSubscription* sub = subscribe(nc, "r.>");
    must(natsConnection_PublishString(nc, "r.before", "1"), "publish");
    must(natsConnection_Flush(nc), "flush");
    print_all("before", sub);
    ask("restart");
    while (reconnected == 0) {
        nats_Sleep(5);
    }
    must(natsConnection_PublishString(nc, "r.after", "2"), "publish");
    must(natsConnection_Flush(nc), "flush");
    print_all("after", sub);
    natsSubscription_Destroy(sub);
    close_all(nc);
}

static void stopping(void) {
    natsConnection* nc = open_with((Settings){0});
    must(natsConnection_Flush(nc), "flush");
    ask("stop");
    while (closed == 0) {
        nats_Sleep(5);
    }
    char const* text = NULL;
    printf("closed, %s\n", natsStatus_GetText(natsConnection_GetLastError(nc, &text)));
    natsConnection_Destroy(nc);
}

typedef struct {
    char const* name;
    void (*run)(void);
} Scenario;

int main(int argc, char** argv) {
    Scenario const scenarios[] = {
        {"info", info},
        {"publish_and_subscribe", publish_and_subscribe},
        {"payloads", payloads},
        {"queue_groups", queue_groups},
        {"requests", requests},
        {"message_headers", message_headers},
        {"unsubscribing", unsubscribing},
        {"no_echo", no_echo},
        {"draining", draining},
        {"pedantic_and_verbose", pedantic_and_verbose},
        {"users", users},
        {"tokens", tokens},
        {"tls", tls},
        {"reconnecting", reconnecting},
        {"stopping", stopping},
        {"streams", streams},
        {"pulling", pulling},
        {"pushing", pushing},
        {"key_value", key_value},
    };
    url = getenv("NATS_URL");
    for (size_t i = 0; argc == 2 && i < sizeof scenarios / sizeof *scenarios; ++i) {
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run();
            nats_Close();
            return 0;
        }
    }
    fprintf(stderr, "no such scenario\n");
    return 3;
}
