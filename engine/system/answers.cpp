#include "engine/system/answers.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"

#include <utility>

namespace signalbox::system {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

/// The value of a header in a block; empty: there is none of that name.
std::string_view header_value(std::string_view block, std::string_view name) {
    while (!block.empty()) {
        std::size_t const end = block.find(kLineEnd);
        std::string_view const line = block.substr(0, end);
        block.remove_prefix(end == std::string_view::npos ? block.size() : end + kLineEnd.size());
        std::size_t const colon = line.find(':');
        if (colon != std::string_view::npos &&
            base::equal_ignoring_case(line.substr(0, colon), name)) {
            return base::trim(line.substr(colon + 1));
        }
    }
    return {};
}

}  // namespace

Asker asker_of(std::string_view account, dispatch::ReceivedMessage const& request) {
    std::string_view const accepts = header_value(request.headers, "Accept-Encoding");
    return {.account = std::string(account),
            .reply = request.reply,
            .encoding = compress::accepted_encoding(accepts),
            .asked_for_encoding = !accepts.empty()};
}

std::string Answers::server() {
    return event::to_json(publisher_.next_word());
}

void Answers::send(Asker const& to, monitor::Answer document) {
    auto const writing = std::make_shared<Writing>(Writing{
        .to = to,
        .encoder = compress::make_encoder(to.encoding),
        .rest = std::move(document.rest),
        .end = "}",
    });
    writing->encoder->add(concat("{\"server\":", server(), ",\"data\":"));
    writing->encoder->add(document.text);
    write_on(writing);
}

void Answers::write_on(std::shared_ptr<Writing> const& writing) {
    if (!writing->rest) {
        finish(*writing);
        return;
    }
    turn_.defer([this, alive = alive_, writing] {
        if (!*alive) {
            return;
        }
        std::string part;
        bool const more = writing->rest->append_part(part);
        writing->encoder->add(part);
        if (!more) {
            writing->rest.reset();
        }
        write_on(writing);
    });
}

void Answers::finish(Writing& writing) {
    writing.encoder->add(writing.end);
    dispatch::InternalClient* const client = find_client_(writing.to.account);
    if (client == nullptr) {
        return;
    }
    std::string headers;
    if (writing.to.asked_for_encoding) {
        headers =
            concat("NATS/1.0\r\nContent-Encoding: ", text_of(writing.to.encoding), "\r\n\r\n");
    }
    client->publish({.subject = std::move(writing.to.reply),
                     .reply = {},
                     .headers = std::move(headers),
                     .payload = writing.encoder->finish()});
}

void Answers::send_error(Asker const& to, int code, std::string_view text, BesideError beside) {
    JsonWriter error;
    error.begin_object().field("code", code).field("description", text).end_object();
    send_plain(to, concat("{\"server\":", server(),
                          beside == BesideError::NullData ? ",\"data\":null" : "",
                          ",\"error\":", error.text(), "}"));
}

void Answers::send_done(Asker const& to) {
    send_plain(to, concat("{\"server\":", server(), "}"));
}

void Answers::send_plain(Asker const& to, std::string_view text) {
    Writing writing{
        .to = to, .encoder = compress::make_encoder(to.encoding), .rest = nullptr, .end = ""};
    writing.encoder->add(text);
    finish(writing);
}

}  // namespace signalbox::system
