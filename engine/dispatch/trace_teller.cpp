#include "engine/dispatch/trace_teller.h"

#include "engine/base/text.h"
#include "engine/compress/encoder.h"
#include "engine/protocol/headers.h"

namespace signalbox::dispatch {
namespace {

constexpr std::string_view kAcceptEncoding = "Accept-Encoding";

}  // namespace

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
    std::string document = trace.document(server.text(), headers, size);
    std::string told_headers;
    if (auto const accepts = protocol::find_header(headers, kAcceptEncoding)) {
        compress::Encoding const encoding = compress::accepted_encoding(*accepts);
        auto const encoder = compress::make_encoder(encoding);
        encoder->add(document);
        document = encoder->finish();
        told_headers =
            concat("NATS/1.0\r\nContent-Encoding: ", compress::text_of(encoding), "\r\n\r\n");
    }
    speaker->publish({.subject = trace.destination(),
                      .reply = {},
                      .headers = std::move(told_headers),
                      .payload = std::move(document)});
}

}  // namespace signalbox::dispatch
