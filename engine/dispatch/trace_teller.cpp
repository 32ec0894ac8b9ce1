#include "engine/dispatch/trace_teller.h"

namespace signalbox::dispatch {

void TraceTeller::tell(MessageTrace const& trace, Bytes headers, std::size_t size) {
    if (!introduction_) {
        return;
    }
    JsonWriter server;
    event::write(server, introduction_());
    std::unique_ptr<InternalClient>& speaker = speakers_[trace.origin().index()];
    if (!speaker) {
        speaker = std::make_unique<InternalClient>(world_.turn(), dispatcher_, trace.origin());
    }
    speaker->publish({.subject = trace.destination(),
                      .reply = {},
                      .headers = {},
                      .payload = trace.document(server.text(), headers, size)});
}

}  // namespace signalbox::dispatch
