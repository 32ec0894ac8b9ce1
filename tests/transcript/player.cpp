#include "tests/transcript/player.h"

#include "engine/base/bytes.h"
#include "engine/base/duration_text.h"
#include "engine/base/json_reader.h"
#include "engine/base/text.h"

#include <regex>

namespace signalbox::transcript {

namespace {

constexpr Duration kPatience = base::seconds(5);
constexpr Duration kSilence = base::milliseconds(150);

/// `2.15.3` as 2015.
int version_of(std::string_view info) {
    Result<Json> const json = Json::parse(info.substr(std::min<std::size_t>(5, info.size())));
    if (!json.ok() || json.value().find("version") == nullptr) {
        return 0;
    }
    std::vector<std::string_view> const parts =
        base::split(*json.value().find("version")->as_text(), '.');
    return parts.size() < 2
               ? 0
               : std::stoi(std::string(parts[0])) * 1000 + std::stoi(std::string(parts[1]));
}

}  // namespace

std::string Player::play() {
    for (Step const& step : conversation_.steps) {
        if (version_ == 0 && step.kind != StepKind::Open) {
            make_sure_of(step.client);
        }
        if (!step.condition.holds(version_, stage_.ours())) {
            continue;
        }
        std::string const failure = act(step);
        if (!failure.empty()) {
            return failure;
        }
    }
    flush();
    return expect_end();
}

std::string Player::act(Step const& step) {
    bool const sends = step.kind == StepKind::Send || step.kind == StepKind::SendRaw;
    if (!sends || sending_client_ != step.client) {
        flush();
    }
    switch (step.kind) {
        case StepKind::Send:
        case StepKind::SendRaw:
            make_sure_of(step.client);
            sending_client_ = step.client;
            append(sending_, step.text, step.kind == StepKind::Send ? "\r\n" : "");
            if (!cut_.together) {
                flush();
            }
            return {};
        case StepKind::Expect:
        case StepKind::ExpectPattern:
            make_sure_of(step.client);
            return expect(step);
        case StepKind::ExpectClosed:
            return expect_closed(step);
        case StepKind::ExpectSilence: {
            Line const line = next_line_but_ping(step.client, kSilence, false);
            bool const closed = stage_.closed(step.client);
            return line.found ? complaint(step, line.text)
                   : closed   ? complaint(step, "closed")
                              : std::string();
        }
        case StepKind::Open:
            stage_.open(step.client);
            bytes_[step.client].clear();
            gone_.erase(step.client);
            return {};
        case StepKind::Close:
            stage_.close(step.client);
            gone_.insert(step.client);
            stage_.pass(base::milliseconds(20));
            return {};
        case StepKind::Wait:
            stage_.pass(base::parse_duration(step.text).value());
            return {};
    }
    return {};
}

void Player::make_sure_of(std::string const& client) {
    if (bytes_.contains(client)) {
        return;
    }
    stage_.open(client);
    bytes_[client].clear();
    Line const info = next_line(client, kPatience);
    version_ = version_of(info.text);
}

void Player::flush() {
    if (sending_.empty()) {
        return;
    }
    std::string const bytes = std::exchange(sending_, {});
    if (cut_.at > 0 && cut_.at < bytes.size()) {
        stage_.send(sending_client_, Bytes(bytes).substr(0, cut_.at));
        stage_.send(sending_client_, Bytes(bytes).substr(cut_.at));
    } else {
        stage_.send(sending_client_, bytes);
    }
}

Player::Line Player::next_line(std::string const& client, Duration limit) {
    std::string& bytes = bytes_[client];
    std::size_t end = bytes.find("\r\n");
    if (end == std::string::npos) {
        stage_.receive(client, bytes, limit);
        end = bytes.find("\r\n");
    }
    // What came last may hold the first half of a line.
    for (int more = 0; end == std::string::npos && more < 20 && !stage_.closed(client); ++more) {
        std::size_t const before = bytes.size();
        stage_.receive(client, bytes, limit);
        if (bytes.size() == before) {
            break;
        }
        end = bytes.find("\r\n");
    }
    if (end == std::string::npos) {
        return {bytes, false};
    }
    Line line{bytes.substr(0, end), true};
    bytes.erase(0, end + 2);
    return line;
}

/// Keep-alive comes when it comes, and is left out unless the conversation is about it.
Player::Line Player::next_line_but_ping(std::string const& client, Duration limit,
                                        bool ping_wanted) {
    for (;;) {
        Line line = next_line(client, limit);
        if (!line.found || line.text != "PING" || ping_wanted) {
            return line;
        }
    }
}

std::string Player::expect(Step const& step) {
    Line const line = next_line_but_ping(step.client, kPatience, step.text == "PING");
    if (!line.found) {
        return complaint(step, stage_.closed(step.client) ? concat("closed ", line.text)
                                                          : concat("nothing ", line.text));
    }
    bool const matches = step.kind == StepKind::Expect
                             ? line.text == step.text
                             : std::regex_match(line.text, std::regex(step.text));
    return matches ? std::string() : complaint(step, line.text);
}

std::string Player::expect_closed(Step const& step) {
    make_sure_of(step.client);
    Line const line = next_line_but_ping(step.client, kPatience, false);
    gone_.insert(step.client);
    if (line.found || !line.text.empty()) {
        return complaint(step, line.text);
    }
    return stage_.closed(step.client) ? std::string() : complaint(step, "open");
}

/// At the end nobody was told more than is written.
std::string Player::expect_end() {
    stage_.pass(base::milliseconds(30));
    for (auto const& [client, bytes] : bytes_) {
        if (gone_.contains(client)) {
            continue;
        }
        Line const line = next_line_but_ping(client, base::milliseconds(1), false);
        if (line.found || !line.text.empty()) {
            return concat(conversation_.file, ": at the end ", client, " got ",
                          base::quoted(base::cut(line.text, 200)));
        }
        if (stage_.closed(client)) {
            return concat(conversation_.file, ": at the end ", client, " was closed");
        }
    }
    return {};
}

std::string Player::complaint(Step const& step, std::string_view met) const {
    return concat(conversation_.where(step), ": wanted ", base::quoted(base::cut(step.text, 200)),
                  ", met ", base::quoted(base::cut(met, 200)), cut_.together ? " (together)" : "",
                  cut_.at > 0 ? concat(" (cut at ", cut_.at, ")") : std::string());
}

}  // namespace signalbox::transcript
