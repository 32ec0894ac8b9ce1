#include "engine/system/publisher.h"

#include <utility>

namespace signalbox::system {

Publisher::Publisher(SystemParts const& parts)
    : world_(parts.world),
      source_(parts.source),
      account_(parts.accounts.system()),
      client_(parts.world.turn(), parts.dispatcher, account_),
      entropy_(parts.world.entropy().fork("system")),
      ids_(*entropy_) {}

bool Publisher::is_heard(std::string_view subject) const {
    auto const parsed = subject::Subject::parse(subject);
    if (!parsed.ok()) {
        return false;  // An account's name that is no token: nobody could listen.
    }
    subject::Interest interest;
    account_.interest().match(parsed.value(), interest);
    return !interest.empty();
}

void Publisher::publish(std::string subject, std::string json) {
    ++published_;
    client_.publish(
        {.subject = std::move(subject), .reply = {}, .headers = {}, .payload = std::move(json)});
}

event::ServerInfo Publisher::next_word() {
    monitor::ServerFacts const server = source_.server();
    return {.name = server.name,
            .host = server.host,
            .id = server.id,
            .cluster = source_.cluster().name,
            .version = server.version,
            .tags = server.options->server_tags,
            .metadata = server.options->server_metadata,
            .sequence = ++sequence_,
            .time = world_.clock().wall_now()};
}

event::EventFrame Publisher::next_frame() {
    return {.id = ids_.next(), .time = world_.clock().wall_now(), .server = next_word()};
}

}  // namespace signalbox::system
