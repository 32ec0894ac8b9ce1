#include "engine/jetstream/consumer/ack.h"

#include "engine/base/duration_text.h"
#include "engine/base/json_reader.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/crypto/digest.h"

#include <array>
#include <cstring>

namespace signalbox::jetstream {
namespace {

constexpr std::string_view kPrefix = "$JS.ACK.";

/// Behind `-NAK`: `{"delay": nanoseconds}`, or a duration as people write it.
std::optional<Duration> parse_delay(std::string_view text) {
    text = base::trim(text);
    if (text.empty()) {
        return std::nullopt;
    }
    if (text.front() == '{') {
        Result<Json> const json = Json::parse(text);
        if (!json.ok()) {
            return std::nullopt;
        }
        Json const* const delay = json.value().find("delay");
        std::optional<std::int64_t> const number =
            delay == nullptr ? std::nullopt : delay->as_int();
        return number && *number > 0 ? std::optional(Duration(*number)) : std::nullopt;
    }
    Result<Duration> const delay = base::parse_duration(text);
    return delay.ok() && delay.value().count() > 0 ? std::optional(delay.value()) : std::nullopt;
}

std::string_view take_first(std::string_view& text) {
    std::size_t const dot = text.find('.');
    if (dot == std::string_view::npos) {
        return std::exchange(text, {});
    }
    std::string_view const token = text.substr(0, dot);
    text.remove_prefix(dot + 1);
    return token;
}

/// Digits alone, few enough for 64 bits; the hot path of acks.
bool take_number(std::string_view& text, std::uint64_t& to) {
    std::string_view const token = take_first(text);
    if (token.empty() || token.size() > 19) {
        return false;
    }
    std::uint64_t value = 0;
    for (char const c : token) {
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    to = value;
    return true;
}

std::size_t count_tokens(std::string_view text) {
    std::size_t count = 1;
    for (char const c : text) {
        count += c == '.' ? 1 : 0;
    }
    return count;
}

char* put(char* at, std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

}  // namespace

Ack parse_ack(Bytes payload) {
    if (payload.empty() || payload == "+ACK" || payload == "+OK") {
        return {};
    }
    std::string_view const rest = payload.size() > 4 ? payload.substr(4) : std::string_view();
    if (payload.starts_with("-NAK")) {
        return {.kind = AckKind::Nak, .delay = parse_delay(rest), .rest = {}};
    }
    if (payload == "+WPI") {
        return {.kind = AckKind::InProgress, .delay = {}, .rest = {}};
    }
    if (payload.starts_with("+NXT")) {
        return {.kind = AckKind::Next, .delay = {}, .rest = base::trim(rest)};
    }
    if (payload.starts_with("+TERM")) {
        return {.kind = AckKind::Term, .delay = {}, .rest = base::trim(payload.substr(5))};
    }
    return {.kind = AckKind::Nonsense, .delay = {}, .rest = {}};
}

std::optional<DeliveryName> parse_ack_subject(std::string_view subject) {
    if (!subject.starts_with(kPrefix)) {
        return std::nullopt;
    }
    std::string_view rest = subject.substr(kPrefix.size());
    std::size_t const tokens = count_tokens(rest);
    if (tokens >= 9) {
        take_first(rest);  // The domain,
        take_first(rest);  // the account; what follows is the same,
    } else if (tokens != 7) {
        return std::nullopt;
    }
    take_first(rest);  // as is the stream, for which the subscription stands.
    DeliveryName name;
    name.consumer = take_first(rest);
    std::uint64_t time = 0;
    bool const ok = take_number(rest, name.delivery_count) &&
                    take_number(rest, name.stream_sequence) &&
                    take_number(rest, name.consumer_sequence) && take_number(rest, time) &&
                    take_number(rest, name.pending);
    if (!ok || name.consumer.empty()) {
        return std::nullopt;
    }
    name.time = static_cast<std::int64_t>(time);
    return name;
}

AckSubjects::AckSubjects(std::string_view stream, std::string_view consumer)
    : prefix_(concat(kPrefix, stream, ".", consumer, ".")) {}

char* AckSubjects::write(char* out, DeliveryName const& delivery) const {
    out = put(out, prefix_);
    out = base::write_decimal(out, delivery.delivery_count);
    *out++ = '.';
    out = base::write_decimal(out, delivery.stream_sequence);
    *out++ = '.';
    out = base::write_decimal(out, delivery.consumer_sequence);
    *out++ = '.';
    out = base::write_decimal(out, static_cast<std::uint64_t>(delivery.time));
    *out++ = '.';
    return base::write_decimal(out, delivery.pending);
}

std::string AckSubjects::text(DeliveryName const& delivery) const {
    std::string out(longest(), '\0');
    char* const end = write(out.data(), delivery);
    out.resize(static_cast<std::size_t>(end - out.data()));
    return out;
}

std::string ack_filter(std::string_view stream) {
    return concat(kPrefix, stream, ".>");
}

std::string ack_filter(std::string_view stream, std::string_view domain,
                       std::string_view account_hash) {
    return concat(kPrefix, domain.empty() ? std::string_view("_") : domain, ".", account_hash, ".",
                  stream, ".>");
}

std::string short_hash(std::string_view name) {
    constexpr std::string_view kDigits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::size_t kLength = 8;
    auto const digest = crypto::sha256(name);
    std::string hash;
    for (std::size_t i = 0; i < kLength; ++i) {
        hash += kDigits[static_cast<unsigned char>(digest[i]) % kDigits.size()];
    }
    return hash;
}

}  // namespace signalbox::jetstream
