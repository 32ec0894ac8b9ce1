#include "engine/protocol/server_writer.h"

#include "engine/base/text.h"

namespace signalbox::protocol {

std::string error_line(std::string_view text) {
    return concat("-ERR '", text, "'\r\n");
}

std::string no_responders_frame(std::string_view reply, std::string_view sid,
                                std::string_view subject) {
    std::string const headers = concat("NATS/1.0 503\r\nNats-Subject: ", subject, "\r\n\r\n");
    return concat("HMSG ", reply, " ", sid, " ", headers.size(), " ", headers.size(), "\r\n",
                  headers, "\r\n");
}

}  // namespace signalbox::protocol
