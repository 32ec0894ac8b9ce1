#include "engine/protocol/client_writer.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"

namespace signalbox::protocol {

namespace {

void append_on_one_line(std::string& out, std::string_view text) {
    for (char const c : text) {
        out.push_back(c == '\r' || c == '\n' ? ' ' : c);
    }
}

}  // namespace

void append_connect(std::string& out, ConnectLine const& line) {
    JsonWriter json;
    json.begin_object()
        .field("verbose", line.verbose)
        .field("pedantic", line.pedantic)
        .field("echo", line.echo)
        .field("headers", line.headers)
        .field("no_responders", line.no_responders)
        .field("protocol", line.protocol)
        .field_unless_empty("name", line.name)
        .field_unless_empty("lang", line.lang)
        .field_unless_empty("version", line.version)
        .field_unless_empty("user", line.user)
        .field_unless_empty("pass", line.password)
        .field_unless_empty("auth_token", line.token)
        .field_unless_empty("nkey", line.nkey)
        .field_unless_empty("sig", line.signature)
        .field_unless_empty("jwt", line.jwt)
        .end_object();
    append(out, "CONNECT ", json.text(), "\r\n");
}

void append_publish(std::string& out, PublishLine const& line) {
    append(out, line.headers.empty() ? "PUB " : "HPUB ", line.subject, ' ');
    if (!line.reply.empty()) {
        append(out, line.reply, ' ');
    }
    if (!line.headers.empty()) {
        append(out, line.headers.size(), ' ');
    }
    append(out, line.headers.size() + line.payload.size(), "\r\n", line.headers, line.payload,
           "\r\n");
}

void append_subscribe(std::string& out, std::string_view filter, std::string_view queue_group,
                      std::uint64_t sid) {
    append(out, "SUB ", filter, ' ');
    if (!queue_group.empty()) {
        append(out, queue_group, ' ');
    }
    append(out, sid, "\r\n");
}

void append_unsubscribe(std::string& out, std::uint64_t sid, std::uint64_t max) {
    append(out, "UNSUB ", sid);
    if (max > 0) {
        append(out, ' ', max);
    }
    append(out, "\r\n");
}

std::string header_block(std::span<std::pair<std::string, std::string> const> headers) {
    if (headers.empty()) {
        return {};
    }
    std::string block = "NATS/1.0\r\n";
    for (auto const& [name, value] : headers) {
        append_on_one_line(block, name);
        block.append(": ");
        append_on_one_line(block, value);
        block.append("\r\n");
    }
    block.append("\r\n");
    return block;
}

}  // namespace signalbox::protocol
