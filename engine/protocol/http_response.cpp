#include "engine/protocol/http_response.h"

#include "engine/base/text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace signalbox::protocol {
namespace {

constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string_view http_reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 301:
            return "Moved Permanently";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 408:
            return "Request Timeout";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";
    }
}

std::string http_date(WallTime time) {
    base::CivilTime const c = base::civil(time);
    std::chrono::weekday const day(std::chrono::year_month_day(
        std::chrono::year(c.year), std::chrono::month(c.month), std::chrono::day(c.day)));
    char text[96];
    int const length = std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                     kDays[day.c_encoding()], c.day, kMonths[c.month - 1], c.year,
                                     c.hour, c.minute, c.second);
    return {text, static_cast<std::size_t>(length)};
}

std::string http_response_head(HttpResponseHead const& head) {
    std::string out = concat("HTTP/1.1 ", head.status, ' ', http_reason(head.status), "\r\n");
    if (!head.content_type.empty()) {
        append(out, "Content-Type: ", head.content_type, "\r\n");
    }
    append(out, "Date: ", http_date(head.date), "\r\n");
    for (std::string_view const line : head.extra) {
        append(out, line, "\r\n");
    }
    if (head.content_length) {
        append(out, "Content-Length: ", *head.content_length, "\r\n");
    } else {
        append(out, "Transfer-Encoding: chunked\r\n");
    }
    if (!head.keep_alive) {
        append(out, "Connection: close\r\n");
    } else if (head.version_1_0) {
        append(out, "Connection: keep-alive\r\n");
    }
    append(out, "\r\n");
    return out;
}

void append_http_chunk(std::string& out, Bytes content) {
    if (content.empty()) {
        return;
    }
    char digits[16];
    char* const end = std::to_chars(digits, digits + sizeof digits, content.size(), 16).ptr;
    append(out, std::string_view(digits, static_cast<std::size_t>(end - digits)), "\r\n", content,
           "\r\n");
}

}  // namespace signalbox::protocol
