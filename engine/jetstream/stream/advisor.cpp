#include "engine/jetstream/stream/advisor.h"

#include "engine/base/text.h"
#include "engine/event/client_info.h"
#include "engine/message/built_message.h"
#include "engine/subject/interest_index.h"

namespace signalbox::jetstream {

void Advisor::say(account::Account& account, std::string_view subject, std::string_view type,
                  WriteFields const& write) {
    std::string const whole = concat("$JS.EVENT.ADVISORY.", subject);
    auto const to = subject::PublishSubject::from_token(whole);
    subject::Interest interest;
    account.interest().match(to, interest);
    if (interest.empty()) {
        return;
    }
    JsonWriter json;
    json.begin_object().field("type", concat("io.nats.jetstream.advisory.v1.", type));
    json.field("id", ids_.next()).field("timestamp", world_.clock().wall_now());
    write(json);
    json.end_object();
    message::BuiltMessage const built({}, {}, json.text());
    dispatcher_.publish(account, built.run(to), *this);
}

void Advisor::describe(event::ClientInfo& info) const {
    info.kind = "JetStream";
    info.client_type.clear();
}

}  // namespace signalbox::jetstream
