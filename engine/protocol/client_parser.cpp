#include "engine/protocol/client_parser.h"

#include "engine/base/number.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::protocol {
namespace {

/// A frame with at least so much still to come is received straight into its own block.
constexpr std::size_t kDirectReceive = 32 * 1024;

constexpr std::size_t kMaxSizeDigits = 9;

/// Beyond the arguments, a line may hold a verb, its end and so many blanks between.
constexpr std::size_t kLineSlack = 64;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

char lower(char c) {
    return static_cast<char>(c | 0x20);
}

/// Whether `text` begins with `word`, in either case; `word` is in lower case.
bool begins_with(Bytes text, std::string_view word) {
    if (text.size() < word.size()) {
        return false;
    }
    for (std::size_t i = 0; i < word.size(); ++i) {
        char const c = text[i];
        if (c != word[i] && (word[i] < 'a' || word[i] > 'z' || lower(c) != word[i])) {
            return false;
        }
    }
    return true;
}

/// What follows the verb of a line, without the blanks before it and the CR after it.
std::string_view arguments_of(std::string_view after_verb) {
    if (after_verb.ends_with('\r')) {
        after_verb.remove_suffix(1);
    }
    while (!after_verb.empty() && is_blank(after_verb.front())) {
        after_verb.remove_prefix(1);
    }
    return after_verb;
}

/// Up to five arguments; one more than any verb takes, so that "too many" can be told.
struct Arguments {
    std::array<std::string_view, 5> at;
    std::size_t count = 0;
};

bool separates(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

Arguments split_arguments(std::string_view text) {
    Arguments out;
    std::size_t i = 0;
    while (out.count < out.at.size()) {
        while (i < text.size() && separates(text[i])) {
            ++i;
        }
        if (i == text.size()) {
            break;
        }
        std::size_t const start = i;
        while (i < text.size() && !separates(text[i])) {
            ++i;
        }
        out.at[out.count++] = text.substr(start, i - start);
    }
    return out;
}

/// One to nine digits, no sign.
bool read_size(std::string_view text, std::uint64_t& size) {
    if (text.empty() || text.size() > kMaxSizeDigits) {
        return false;
    }
    size = 0;
    for (char const c : text) {
        if (c < '0' || c > '9') {
            return false;
        }
        size = size * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return true;
}

/// From the start of the first to the end of the last; both lie in one text.
std::string_view spanning(std::string_view first, std::string_view last) {
    auto const length = static_cast<std::size_t>(last.data() + last.size() - first.data());
    return {first.data(), length};
}

}  // namespace

ClientParser::Step ClientParser::next() {
    if (fault_ != ParseFault::None) {
        return Step::Fault;
    }
    if (used_partial_ > 0) {
        partial_.clear();
        used_partial_ = 0;
        frame_needed_ = 0;
    }
    return partial_.empty() ? parse_from_input() : parse_from_partial();
}

ClientParser::Step ClientParser::parse_from_input() {
    if (input_.empty()) {
        return Step::NeedMore;
    }
    if (skipping_ != Verb::Unknown) {
        auto const end = input_.find('\n');
        if (end == Bytes::npos) {
            input_ = {};
            return Step::NeedMore;
        }
        input_.remove_prefix(end + 1);
        Verb const verb = std::exchange(skipping_, Verb::Unknown);
        return verb == Verb::Ping ? Step::Ping : verb == Verb::Pong ? Step::Pong : Step::Ok;
    }
    std::size_t used = 0;
    PublishLine recalled;
    std::size_t line_length = 0;
    Step step = Step::NeedMore;
    if (recall(input_, recalled, line_length)) {
        step = finish_publish(input_.substr(0, line_length), recalled, input_.substr(line_length),
                              used);
    } else {
        auto const end = input_.find('\n');
        if (end == Bytes::npos) {
            return check_incomplete_line(std::exchange(input_, {}));
        }
        step = parse_line(input_.substr(0, end + 1), input_.substr(end + 1), used);
    }
    if (step == Step::NeedMore) {
        // A frame whose payload is not all there.
        partial_.reserve(std::min(frame_needed_, input_.size() + kDirectReceive));
        partial_.append(input_);
        input_ = {};
        return step;
    }
    input_.remove_prefix(used);
    return step;
}

ClientParser::Step ClientParser::parse_from_partial() {
    if (frame_needed_ == 0) {
        // The line was cut: gather up to its end, then look at it as a whole.
        auto const end = input_.find('\n');
        Bytes const piece = input_.substr(0, end == Bytes::npos ? input_.size() : end + 1);
        std::size_t const room = longest_line();
        bool const too_long = partial_.size() + piece.size() > room;
        Bytes const taken =
            piece.substr(0, too_long ? room - std::min(room, partial_.size()) : piece.size());
        partial_.append(taken);
        input_.remove_prefix(taken.size());
        if (too_long || end == Bytes::npos) {
            Step const step = check_incomplete_line(partial_.bytes());
            if (step == Step::Fault || !too_long) {
                return step;
            }
            // Only a verb whose arguments are ignored may be that long.
            return skipping_ != Verb::Unknown
                       ? parse_from_input()
                       : fail(ParseFault::ControlLineTooLong, partial_.bytes());
        }
    } else {
        Bytes const piece =
            input_.substr(0, std::min(input_.size(), frame_needed_ - partial_.size()));
        if (partial_.size() + piece.size() < frame_needed_) {
            partial_.reserve(frame_needed_);
        }
        partial_.append(piece);
        input_.remove_prefix(piece.size());
    }
    Bytes const whole = partial_.bytes();
    auto const line_end = whole.find('\n') + 1;
    Step const step = parse_line(whole.substr(0, line_end), whole.substr(line_end), used_partial_);
    if (step == Step::NeedMore) {
        used_partial_ = 0;
        return input_.empty() ? step : parse_from_partial();
    }
    return step;
}

ClientParser::Step ClientParser::check_incomplete_line(Bytes line) {
    VerbMatch const match = verb_of(line);
    switch (match.verb) {
        case Verb::Unknown:
            return fail(ParseFault::UnknownOperation, line);
        case Verb::Ping:
        case Verb::Pong:
        case Verb::Ok:
            // Whatever follows is ignored, so none of it is kept.
            skipping_ = match.verb;
            partial_.clear();
            return Step::NeedMore;
        case Verb::Incomplete:
            break;
        default:
            if (is_too_long(line, arguments_of(line.substr(match.length)))) {
                return fail(ParseFault::ControlLineTooLong, line);
            }
    }
    if (partial_.empty()) {
        partial_.append(line);
    }
    return Step::NeedMore;
}

std::size_t ClientParser::longest_line() const {
    return limits_.max_control_line + kLineSlack;
}

/// However a line was cut, it is looked at in the same way: by its arguments, trailing blanks
/// included, and, for the sake of blanks before them, as a whole.
bool ClientParser::is_too_long(Bytes line, std::string_view arguments) const {
    return arguments.size() > limits_.max_control_line || line.size() > longest_line();
}

ClientParser::VerbMatch ClientParser::verb_of(Bytes line) {
    struct Word {
        std::string_view text;
        Verb verb;
        bool needs_blank;
    };
    static constexpr std::array<Word, 10> kWords = {{
        {"pub", Verb::Publish, true},
        {"hpub", Verb::HeaderPublish, true},
        {"sub", Verb::Subscribe, true},
        {"unsub", Verb::Unsubscribe, true},
        {"ping", Verb::Ping, false},
        {"pong", Verb::Pong, false},
        {"connect", Verb::Connect, false},
        {"info", Verb::Info, false},
        {"+ok", Verb::Ok, false},
        {"-err", Verb::PeerError, true},
    }};
    bool could_become = false;
    for (Word const& word : kWords) {
        if (line.size() <= word.text.size()) {
            bool const same = begins_with(line, word.text.substr(0, line.size()));
            if (same && line.size() == word.text.size() && !word.needs_blank) {
                return {word.verb, word.text.size()};
            }
            could_become = could_become || same;
            continue;
        }
        if (begins_with(line, word.text) &&
            (!word.needs_blank || is_blank(line[word.text.size()]))) {
            return {word.verb, word.text.size()};
        }
    }
    return {could_become ? Verb::Incomplete : Verb::Unknown, 0};
}

ClientParser::Step ClientParser::parse_line(Bytes line, Bytes rest, std::size_t& used) {
    VerbMatch const match = verb_of(line);
    used = line.size();
    if (match.verb == Verb::Publish || match.verb == Verb::HeaderPublish) {
        return parse_publish(line, match, rest, used);
    }
    std::string_view const arguments =
        arguments_of(line.substr(match.length, line.size() - match.length - 1));
    bool const bounded = match.verb != Verb::Ping && match.verb != Verb::Pong &&
                         match.verb != Verb::Ok && match.verb != Verb::Unknown;
    if (bounded && is_too_long(line, arguments)) {
        return fail(ParseFault::ControlLineTooLong, line);
    }
    switch (match.verb) {
        case Verb::Ping:
            return Step::Ping;
        case Verb::Pong:
            return Step::Pong;
        case Verb::Ok:
            return Step::Ok;
        case Verb::Connect:
            json_ = arguments;
            return Step::Connect;
        case Verb::Info:
            json_ = arguments;
            return Step::Info;
        case Verb::PeerError:
            json_ = arguments;
            return Step::PeerError;
        case Verb::Subscribe:
            return parse_subscribe(arguments);
        case Verb::Unsubscribe:
            return parse_unsubscribe(arguments);
        case Verb::Unknown:
        case Verb::Incomplete:
        case Verb::Publish:
        case Verb::HeaderPublish:
            break;
    }
    return fail(ParseFault::UnknownOperation, line);
}

ClientParser::Step ClientParser::parse_publish(Bytes line, VerbMatch match, Bytes rest,
                                               std::size_t& used) {
    PublishLine parsed;
    if (!read_publish_line(line, match, parsed)) {
        return Step::Fault;
    }
    if (parsed.total_size > limits_.max_payload) {
        publish_ = {};
        if (rest.size() >= parsed.header_size) {
            publish_.subject = subject::PublishSubject::from_token(parsed.subject);
            publish_.headers = rest.substr(0, parsed.header_size);
        }
        refused_size_ = parsed.total_size;
        return fail(ParseFault::PayloadTooLarge, line);
    }
    if (parsed.regular && match.verb == Verb::Publish) {
        remember(line, parsed);
    }
    return finish_publish(line, parsed, rest, used);
}

bool ClientParser::read_publish_line(Bytes line, VerbMatch match, PublishLine& parsed) {
    bool const with_headers = match.verb == Verb::HeaderPublish;
    std::string_view const arguments =
        arguments_of(line.substr(match.length, line.size() - match.length - 1));
    if (is_too_long(line, arguments)) {
        fail(ParseFault::ControlLineTooLong, line);
        return false;
    }
    if (with_headers && !headers_allowed_) {
        fail(ParseFault::HeadersNotNegotiated, line);
        return false;
    }
    Arguments const words = split_arguments(arguments);
    std::size_t const fewest = with_headers ? 3 : 2;
    if (words.count != fewest && words.count != fewest + 1) {
        fail(ParseFault::BadArguments, line);
        return false;
    }
    std::string_view const total = words.at[words.count - 1];
    std::string_view const first_size = with_headers ? words.at[words.count - 2] : total;
    parsed.subject = words.at[0];
    parsed.reply = words.count == fewest + 1 ? words.at[1] : std::string_view();
    parsed.sizes = spanning(first_size, total);
    if (!read_size(total, parsed.total_size)) {
        fail(ParseFault::BadArguments, line);
        return false;
    }
    if (with_headers) {
        if (!read_size(first_size, parsed.header_size) || parsed.header_size > parsed.total_size) {
            fail(ParseFault::BadHeaderSize, line);
            return false;
        }
    }
    // Regular: one blank before each argument, CR LF at the end and no other of these. Then the
    // bytes after the subject are those that follow the sid of a delivery, where a lone CR or LF
    // would break the subscriber's frame.
    std::size_t length = words.count;
    for (std::size_t i = 0; i < words.count; ++i) {
        length += words.at[i].size();
    }
    parsed.regular = match.length + length + 2 == line.size() && line.ends_with("\r\n") &&
                     line.find_first_of("\t\r") == line.size() - 2 &&
                     (!with_headers || parsed.header_size > 0);
    return true;
}

bool ClientParser::recall(Bytes line_and_rest, PublishLine& parsed,
                          std::size_t& line_length) const {
    LineMemo const& memo = memo_;
    if (memo.length == 0 || line_and_rest.size() < memo.length ||
        std::memcmp(line_and_rest.data(), memo.text.data(), memo.length) != 0) {
        return false;
    }
    line_length = memo.length;
    parsed.subject = line_and_rest.substr(memo.subject_at, memo.subject_length);
    parsed.reply = line_and_rest.substr(memo.reply_at, memo.reply_length);
    parsed.sizes = line_and_rest.substr(memo.sizes_at, memo.sizes_length);
    parsed.header_size = memo.header_size;
    parsed.total_size = memo.total_size;
    parsed.regular = memo.regular;
    return true;
}

void ClientParser::remember(Bytes line, PublishLine const& parsed) {
    if (line.size() > memo_.text.size()) {
        memo_.length = 0;
        return;
    }
    auto const offset = [&](std::string_view part) {
        return part.empty() ? std::uint8_t{0}
                            : static_cast<std::uint8_t>(part.data() - line.data());
    };
    std::memcpy(memo_.text.data(), line.data(), line.size());
    memo_.length = static_cast<std::uint8_t>(line.size());
    memo_.subject_at = offset(parsed.subject);
    memo_.subject_length = static_cast<std::uint8_t>(parsed.subject.size());
    memo_.reply_at = offset(parsed.reply);
    memo_.reply_length = static_cast<std::uint8_t>(parsed.reply.size());
    memo_.sizes_at = offset(parsed.sizes);
    memo_.sizes_length = static_cast<std::uint8_t>(parsed.sizes.size());
    memo_.regular = parsed.regular;
    memo_.header_size = static_cast<std::uint32_t>(parsed.header_size);
    memo_.total_size = static_cast<std::uint32_t>(parsed.total_size);
}

ClientParser::Step ClientParser::finish_publish(Bytes line, PublishLine const& parsed, Bytes rest,
                                                std::size_t& used) {
    std::size_t const total = parsed.total_size;
    bool const cr_wrong = rest.size() > total && rest[total] != '\r';
    if (cr_wrong || (rest.size() > total + 1 && rest[total + 1] != '\n')) {
        return fail(ParseFault::UnknownOperation, rest.substr(total));
    }
    if (rest.size() < total + 2) {
        frame_needed_ = line.size() + total + 2;
        return Step::NeedMore;
    }
    used = line.size() + total + 2;
    publish_.subject = subject::PublishSubject::from_token(parsed.subject);
    publish_.reply = parsed.reply;
    publish_.sizes = parsed.sizes;
    publish_.headers = rest.substr(0, parsed.header_size);
    publish_.payload = rest.substr(parsed.header_size, total - parsed.header_size);
    publish_.tail = {};
    if (parsed.regular) {
        char const* const from = parsed.subject.data() + parsed.subject.size();
        publish_.tail = {from, static_cast<std::size_t>(rest.data() + total + 2 - from)};
    }
    return Step::Publish;
}

ClientParser::Step ClientParser::parse_subscribe(std::string_view arguments) {
    Arguments const words = split_arguments(arguments);
    if (words.count != 2 && words.count != 3) {
        return fail(ParseFault::BadArguments, arguments);
    }
    subscribe_.filter = words.at[0];
    subscribe_.queue = words.count == 3 ? words.at[1] : std::string_view();
    subscribe_.sid = words.at[words.count - 1];
    return Step::Subscribe;
}

ClientParser::Step ClientParser::parse_unsubscribe(std::string_view arguments) {
    Arguments const words = split_arguments(arguments);
    if (words.count != 1 && words.count != 2) {
        return fail(ParseFault::BadArguments, arguments);
    }
    unsubscribe_.sid = words.at[0];
    unsubscribe_.max = 0;
    if (words.count == 2 && !read_size(words.at[1], unsubscribe_.max)) {
        unsubscribe_.max = 0;
    }
    return Step::Unsubscribe;
}

void ClientParser::hold() {
    // The input may lie in what was held before.
    FrameBuffer kept;
    kept.append(std::exchange(input_, {}));
    held_ = std::move(kept);
}

void ClientParser::resume_held() {
    // The held bytes become the input; they stay where they are until all of them are taken.
    input_ = held_.bytes();
}

char ClientParser::first_byte() const {
    return partial_.empty() && skipping_ == Verb::Unknown && !input_.empty() ? input_.front()
                                                                             : '\0';
}

std::span<char> ClientParser::writable() {
    if (frame_needed_ == 0 || frame_needed_ - partial_.size() < kDirectReceive) {
        return {};
    }
    partial_.reserve(frame_needed_);
    return partial_.room().first(frame_needed_ - partial_.size());
}

void ClientParser::commit(std::size_t n) {
    partial_.grow_by(n);
}

ClientParser::Step ClientParser::fail(ParseFault fault, Bytes where) {
    fault_ = fault;
    snippet_length_ = std::min(where.size(), snippet_.size());
    std::memcpy(snippet_.data(), where.data(), snippet_length_);
    return Step::Fault;
}

}  // namespace signalbox::protocol
