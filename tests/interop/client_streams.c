/* Scenarios of the C client with streams and key-value buckets. */

#include "client.h"

#include <stdio.h>
#include <string.h>

static jsCtx* open_streams(natsConnection** nc) {
    jsCtx* js = NULL;
    *nc = open_plain();
    must(natsConnection_JetStream(&js, *nc, NULL), "streams");
    return js;
}

static void close_streams(jsCtx* js, natsConnection* nc) {
    jsCtx_Destroy(js);
    close_all(nc);
}

static jsStreamInfo* add_stream(jsCtx* js, char const* name, char const* subjects) {
    jsStreamConfig config;
    jsStreamInfo* info = NULL;
    must(jsStreamConfig_Init(&config), "configuration");
    config.Name = name;
    config.Subjects = &subjects;
    config.SubjectsLen = 1;
    config.MaxMsgsPerSubject = 3;
    must(js_AddStream(&info, js, &config, NULL, NULL), "stream");
    return info;
}

static void publish(jsCtx* js, char const* subject, char const* text, jsPubOptions* options) {
    jsPubAck* ack = NULL;
    jsErrCode code = 0;
    natsStatus const status =
        js_Publish(&ack, js, subject, text, (int)strlen(text), options, &code);
    if (status != NATS_OK) {
        printf("%s refused: %s, %d\n", subject, natsStatus_GetText(status), (int)code);
        return;
    }
    printf("%s at %d of %s%s\n", subject, (int)ack->Sequence, ack->Stream,
           ack->Duplicate ? ", again" : "");
    jsPubAck_Destroy(ack);
}

static void print_state(jsStreamInfo* info) {
    printf("%s: %d messages, %d to %d, %d subjects, %d deleted\n", info->Config->Name,
           (int)info->State.Msgs, (int)info->State.FirstSeq, (int)info->State.LastSeq,
           (int)info->State.NumSubjects, (int)info->State.NumDeleted);
    jsStreamInfo_Destroy(info);
}

static void print_stream(jsCtx* js, char const* name) {
    jsStreamInfo* info = NULL;
    jsErrCode code = 0;
    natsStatus const status = js_GetStreamInfo(&info, js, name, NULL, &code);
    if (status == NATS_OK) {
        print_state(info);
    } else {
        printf("%s: %s, %d\n", name, natsStatus_GetText(status), (int)code);
    }
}

static void print_message(char const* what, natsStatus status, natsMsg* msg) {
    if (status != NATS_OK) {
        printf("%s: %s\n", what, natsStatus_GetText(status));
        return;
    }
    printf("%s: %s=%.*s\n", what, natsMsg_GetSubject(msg), natsMsg_GetDataLength(msg),
           natsMsg_GetData(msg));
    natsMsg_Destroy(msg);
}

void streams(void) {
    natsConnection* nc = NULL;
    jsCtx* js = open_streams(&nc);
    print_state(add_stream(js, "ORDERS", "orders.>"));

    jsPubOptions once;
    must(jsPubOptions_Init(&once), "options");
    once.MsgId = "a1";
    publish(js, "orders.a", "1", &once);
    publish(js, "orders.a", "1", &once);
    jsPubOptions expecting;
    must(jsPubOptions_Init(&expecting), "options");
    expecting.ExpectLastSeq = 7;
    publish(js, "orders.a", "2", &expecting);
    expecting.ExpectLastSeq = 1;
    publish(js, "orders.a", "2", &expecting);
    for (int i = 0; i < 5; ++i) {
        publish(js, i % 2 == 0 ? "orders.b" : "orders.a", "more", NULL);
    }
    publish(js, "elsewhere", "lost", NULL);
    print_stream(js, "ORDERS");
    print_stream(js, "NONE");

    natsMsg* msg = NULL;
    print_message("third", js_GetMsg(&msg, js, "ORDERS", 3, NULL, NULL), msg);
    print_message("last of a", js_GetLastMsg(&msg, js, "ORDERS", "orders.a", NULL, NULL), msg);
    print_message("hundredth", js_GetMsg(&msg, js, "ORDERS", 100, NULL, NULL), msg);
    must(js_DeleteMsg(js, "ORDERS", 3, NULL, NULL), "delete");
    must(js_EraseMsg(js, "ORDERS", 4, NULL, NULL), "erase");
    print_message("third", js_GetMsg(&msg, js, "ORDERS", 3, NULL, NULL), msg);
    print_stream(js, "ORDERS");
    must(js_PurgeStream(js, "ORDERS", NULL, NULL), "purge");
    print_stream(js, "ORDERS");
    must(js_DeleteStream(js, "ORDERS", NULL, NULL), "delete");
    print_stream(js, "ORDERS");
    close_streams(js, nc);
}

static void print_deliveries(char const* what, natsMsgList* list) {
    printf("%s:", what);
    for (int i = 0; i < list->Count; ++i) {
        jsMsgMetaData* about = NULL;
        must(natsMsg_GetMetaData(&about, list->Msgs[i]), "metadata");
        printf(" %d/%d/%d/%d", (int)about->Sequence.Stream, (int)about->Sequence.Consumer,
               (int)about->NumDelivered, (int)about->NumPending);
        jsMsgMetaData_Destroy(about);
    }
    printf("\n");
}

void pulling(void) {
    natsConnection* nc = NULL;
    jsCtx* js = open_streams(&nc);
    jsStreamInfo_Destroy(add_stream(js, "JOBS", "jobs.*"));
    for (int i = 0; i < 5; ++i) {
        publish(js, i % 2 == 0 ? "jobs.a" : "jobs.b", "work", NULL);
    }
    natsSubscription* sub = NULL;
    must(js_PullSubscribe(&sub, js, "jobs.a", "worker", NULL, NULL, NULL), "subscribe");
    natsMsgList list;
    must(natsSubscription_Fetch(&list, sub, 2, 5000, NULL), "fetch");
    print_deliveries("first", &list);
    for (int i = 0; i < list.Count; ++i) {
        must(natsMsg_AckSync(list.Msgs[i], NULL, NULL), "ack");
    }
    natsMsgList_Destroy(&list);
    must(natsSubscription_Fetch(&list, sub, 1, 5000, NULL), "fetch");
    print_deliveries("then", &list);
    must(natsMsg_Nak(list.Msgs[0], NULL), "nak");
    natsMsgList_Destroy(&list);
    must(natsSubscription_Fetch(&list, sub, 1, 5000, NULL), "fetch");
    print_deliveries("again", &list);
    must(natsMsg_AckSync(list.Msgs[0], NULL, NULL), "ack");
    natsMsgList_Destroy(&list);
    printf("nothing: %s\n", natsStatus_GetText(natsSubscription_Fetch(&list, sub, 1, 100, NULL)));
    jsConsumerInfo* info = NULL;
    must(js_GetConsumerInfo(&info, js, "JOBS", "worker", NULL, NULL), "consumer");
    printf("delivered %d/%d, acked to %d/%d, %d pending, %d unacked, %d again\n",
           (int)info->Delivered.Stream, (int)info->Delivered.Consumer, (int)info->AckFloor.Stream,
           (int)info->AckFloor.Consumer, (int)info->NumPending, (int)info->NumAckPending,
           (int)info->NumRedelivered);
    jsConsumerInfo_Destroy(info);
    natsSubscription_Destroy(sub);
    must(js_DeleteConsumer(js, "JOBS", "worker", NULL, NULL), "delete");
    must(js_DeleteStream(js, "JOBS", NULL, NULL), "delete");
    close_streams(js, nc);
}

void pushing(void) {
    natsConnection* nc = NULL;
    jsCtx* js = open_streams(&nc);
    jsStreamInfo_Destroy(add_stream(js, "NEWS", "news.*"));
    for (int i = 0; i < 3; ++i) {
        publish(js, "news.old", "told", NULL);
    }
    jsSubOptions ordered;
    must(jsSubOptions_Init(&ordered), "options");
    ordered.Ordered = true;
    natsSubscription* sub = NULL;
    must(js_SubscribeSync(&sub, js, "news.*", NULL, &ordered, NULL), "subscribe");
    publish(js, "news.new", "fresh", NULL);
    for (int i = 0; i < 4; ++i) {
        natsMsg* msg = NULL;
        natsStatus const status = natsSubscription_NextMsg(&msg, sub, 5000);
        print_message("came", status, msg);
    }
    natsSubscription_Destroy(sub);
    must(js_DeleteStream(js, "NEWS", NULL, NULL), "delete");
    close_streams(js, nc);
}

static void print_entry(char const* what, natsStatus status, kvEntry* entry) {
    if (status != NATS_OK) {
        printf("%s: %s\n", what, natsStatus_GetText(status));
        return;
    }
    printf("%s: %s=%.*s, revision %d, operation %d\n", what, kvEntry_Key(entry),
           kvEntry_ValueLen(entry), (char const*)kvEntry_Value(entry), (int)kvEntry_Revision(entry),
           (int)kvEntry_Operation(entry));
    kvEntry_Destroy(entry);
}

static void watch(kvStore* kv, char const* keys, int count) {
    kvWatcher* watcher = NULL;
    must(kvStore_Watch(&watcher, kv, keys, NULL), "watch");
    for (int i = 0; i < count; ++i) {
        kvEntry* entry = NULL;
        natsStatus const status = kvWatcher_Next(&entry, watcher, 5000);
        if (status == NATS_OK && entry == NULL) {
            printf("that is all there was\n");
            continue;
        }
        print_entry("seen", status, entry);
    }
    kvWatcher_Destroy(watcher);
}

void key_value(void) {
    natsConnection* nc = NULL;
    jsCtx* js = open_streams(&nc);
    kvConfig config;
    kvStore* kv = NULL;
    must(kvConfig_Init(&config), "configuration");
    config.Bucket = "SETTINGS";
    config.History = 4;
    must(js_CreateKeyValue(&kv, js, &config), "bucket");

    uint64_t revision = 0;
    must(kvStore_PutString(&revision, kv, "color", "red"), "put");
    must(kvStore_PutString(&revision, kv, "color", "green"), "put");
    must(kvStore_CreateString(&revision, kv, "size", "10"), "create");
    printf("again: %s\n", natsStatus_GetText(kvStore_CreateString(&revision, kv, "size", "11")));
    printf("outdated: %s\n",
           natsStatus_GetText(kvStore_UpdateString(&revision, kv, "size", "12", 1)));
    must(kvStore_UpdateString(&revision, kv, "size", "12", 3), "update");
    printf("updated to %d\n", (int)revision);

    kvEntry* entry = NULL;
    print_entry("now", kvStore_Get(&entry, kv, "color"), entry);
    print_entry("before", kvStore_GetRevision(&entry, kv, "color", 1), entry);
    print_entry("missing", kvStore_Get(&entry, kv, "shape"), entry);
    must(kvStore_Delete(kv, "color"), "delete");
    print_entry("deleted", kvStore_Get(&entry, kv, "color"), entry);
    watch(kv, ">", 3);

    kvEntryList history;
    must(kvStore_History(&history, kv, "color", NULL), "history");
    for (int i = 0; i < history.Count; ++i) {
        printf("once: %.*s, operation %d\n", kvEntry_ValueLen(history.Entries[i]),
               (char const*)kvEntry_Value(history.Entries[i]),
               (int)kvEntry_Operation(history.Entries[i]));
    }
    kvEntryList_Destroy(&history);
    kvKeysList keys;
    must(kvStore_Keys(&keys, kv, NULL), "keys");
    for (int i = 0; i < keys.Count; ++i) {
        printf("key %s\n", keys.Keys[i]);
    }
    kvKeysList_Destroy(&keys);
    kvStore_Destroy(kv);
    must(js_DeleteKeyValue(js, "SETTINGS"), "delete");
    printf("gone: %s\n", natsStatus_GetText(js_KeyValue(&kv, js, "SETTINGS")));
    close_streams(js, nc);
}
