#include "engine/protocol/peer_parser.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::protocol {

enum class PeerParser::Verb : std::uint8_t {
    Unknown,
    Incomplete,
    Ping,
    Pong,
    Ok,
    Connect,
    Info,
    PeerError,
    RouteMessage,
    LeafMessage,
    HeaderMessage,
    RouteSubscribe,
    RouteUnsubscribe,
    LeafSubscribe,
    LeafUnsubscribe,
    AccountSubscribe,
    AccountUnsubscribe,
};

namespace {

/// `CONNECT` and what follows it: so much of a line tells its verb.
constexpr std::size_t kLongestVerb = 8;

/// A frame with at least so much still to come is received straight into its own block.
constexpr std::size_t kDirectReceive = 32 * 1024;

constexpr std::size_t kMaxSizeDigits = 9;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view trim_front(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

std::string_view trim_back(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

/// Takes the first word of `text`, which begins with no blank and is left so; empty: there is none.
std::string_view take_front(std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && !is_blank(text[n])) {
        ++n;
    }
    std::string_view const word = text.substr(0, n);
    text = trim_front(text.substr(n));
    return word;
}

/// The same at the end.
std::string_view take_back(std::string_view& text) {
    std::size_t n = text.size();
    while (n > 0 && !is_blank(text[n - 1])) {
        --n;
    }
    std::string_view const word = text.substr(n);
    text = trim_back(text.substr(0, n));
    return word;
}

/// One to nine digits, no sign.
bool read_number(std::string_view text, std::uint64_t& number) {
    if (text.empty() || text.size() > kMaxSizeDigits) {
        return false;
    }
    number = 0;
    for (char const c : text) {
        if (c < '0' || c > '9') {
            return false;
        }
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return true;
}

bool is_line_end(char c) {
    return c == '\r' || c == '\n';
}

/// Whether `text` is how `word` begins, whose letters may be in lower case too; it is not longer.
bool is_beginning_of(std::string_view text, std::string_view word) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const letter = word[i] >= 'A' && word[i] <= 'Z';
        if (text[i] != word[i] && !(letter && text[i] == static_cast<char>(word[i] | 0x20))) {
            return false;
        }
    }
    return true;
}

}  // namespace

void PeerParser::set_form(PeerForm form) {
    form_ = form;
    memo_.length = 0;
}

PeerParser::Step PeerParser::next() {
    if (fault_ != PeerFault::None) {
        return Step::Fault;
    }
    if (used_partial_ > 0) {
        partial_.clear();
        used_partial_ = 0;
        frame_needed_ = 0;
    }
    return partial_.empty() ? parse_from_input() : parse_from_partial();
}

Bytes PeerParser::take_rest() {
    return std::exchange(input_, {});
}

PeerParser::Step PeerParser::parse_from_input() {
    if (input_.empty()) {
        return Step::NeedMore;
    }
    std::size_t used = 0;
    MessageLine recalled;
    std::size_t line_length = 0;
    Step step = Step::NeedMore;
    if (recall(input_, recalled, line_length)) {
        step = finish_message(input_.substr(0, line_length), recalled, input_.substr(line_length),
                              used);
    } else {
        auto const end = input_.find('\n');
        if (end == Bytes::npos) {
            return check_incomplete_line(std::exchange(input_, {}));
        }
        step = parse_line(input_.substr(0, end + 1), input_.substr(end + 1), used);
    }
    if (step == Step::NeedMore) {
        // A message whose payload is not all there.
        partial_.reserve(std::min(frame_needed_, input_.size() + kDirectReceive));
        partial_.append(input_);
        input_ = {};
        return step;
    }
    input_.remove_prefix(used);
    return step;
}

PeerParser::Step PeerParser::parse_from_partial() {
    if (frame_needed_ == 0) {
        // The line was cut: gather up to its end, then look at it as a whole.
        auto const end = input_.find('\n');
        Bytes const piece = input_.substr(0, end == Bytes::npos ? input_.size() : end + 1);
        if (partial_.size() + piece.size() > limits_.max_line) {
            // As of a line that came whole: what no verb begins is told first.
            partial_.append(piece.substr(0, kLongestVerb));
            return fail(verb_of(partial_.bytes()).verb == Verb::Unknown
                            ? PeerFault::UnknownOperation
                            : PeerFault::LineTooLong,
                        partial_.bytes());
        }
        partial_.append(piece);
        input_.remove_prefix(piece.size());
        if (end == Bytes::npos) {
            return check_incomplete_line(partial_.bytes());
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

PeerParser::Step PeerParser::check_incomplete_line(Bytes line) {
    if (verb_of(line).verb == Verb::Unknown) {
        return fail(PeerFault::UnknownOperation, line);
    }
    if (line.size() > limits_.max_line) {
        return fail(PeerFault::LineTooLong, line);
    }
    if (partial_.empty()) {
        partial_.append(line);
    }
    return Step::NeedMore;
}

PeerParser::VerbMatch PeerParser::verb_of(Bytes line) {
    struct Word {
        std::string_view text;
        Verb verb;
        bool has_arguments;
    };
    static constexpr std::array<Word, 15> kWords = {{
        {"RMSG", Verb::RouteMessage, true},
        {"LMSG", Verb::LeafMessage, true},
        {"HMSG", Verb::HeaderMessage, true},
        {"RS+", Verb::RouteSubscribe, true},
        {"RS-", Verb::RouteUnsubscribe, true},
        {"LS+", Verb::LeafSubscribe, true},
        {"LS-", Verb::LeafUnsubscribe, true},
        {"A+", Verb::AccountSubscribe, true},
        {"A-", Verb::AccountUnsubscribe, true},
        {"PING", Verb::Ping, false},
        {"PONG", Verb::Pong, false},
        {"INFO", Verb::Info, true},
        {"CONNECT", Verb::Connect, true},
        {"-ERR", Verb::PeerError, true},
        {"+OK", Verb::Ok, false},
    }};
    bool could_become = false;
    for (Word const& word : kWords) {
        if (line.size() <= word.text.size()) {
            could_become = could_become || is_beginning_of(line, word.text);
            continue;
        }
        char const after = line[word.text.size()];
        bool const ends = is_blank(after) || (!word.has_arguments && is_line_end(after));
        if (ends && is_beginning_of(line.substr(0, word.text.size()), word.text)) {
            return {word.verb, word.text.size()};
        }
    }
    return {could_become ? Verb::Incomplete : Verb::Unknown, 0};
}

bool PeerParser::is_known_here(Verb verb) const {
    switch (verb) {
        case Verb::RouteMessage:
        case Verb::RouteSubscribe:
        case Verb::RouteUnsubscribe:
        case Verb::AccountSubscribe:
        case Verb::AccountUnsubscribe:
            return form_.kind != PeerKind::Leaf;
        case Verb::LeafMessage:
        case Verb::LeafSubscribe:
        case Verb::LeafUnsubscribe:
            return form_.kind != PeerKind::Gateway;
        default:
            return true;
    }
}

PeerParser::Step PeerParser::parse_line(Bytes line, Bytes rest, std::size_t& used) {
    VerbMatch const match = verb_of(line);
    used = line.size();
    if (match.verb == Verb::Unknown) {
        return fail(PeerFault::UnknownOperation, line);
    }
    if (line.size() > limits_.max_line) {
        return fail(PeerFault::LineTooLong, line);
    }
    if (!is_known_here(match.verb)) {
        return fail(PeerFault::UnknownOperation, line);
    }
    line_ = line.substr(0, line.size() - (line.ends_with("\r\n") ? 2 : 1));
    std::string_view const arguments =
        trim_back(trim_front(line_.substr(std::min(match.length, line_.size()))));
    bool const is_message = match.verb == Verb::RouteMessage || match.verb == Verb::LeafMessage ||
                            match.verb == Verb::HeaderMessage;
    if (!is_message) {
        return parse_arguments(match.verb, arguments);
    }
    MessageLine parsed;
    if (!read_message_line(line, match.verb, arguments, parsed)) {
        return Step::Fault;
    }
    remember(line, parsed);
    return finish_message(line, parsed, rest, used);
}

PeerParser::Step PeerParser::parse_arguments(Verb verb, std::string_view arguments) {
    text_ = arguments;
    switch (verb) {
        case Verb::Ping:
            return Step::Ping;
        case Verb::Pong:
            return Step::Pong;
        case Verb::Ok:
            return Step::Ok;
        case Verb::Connect:
            return Step::Connect;
        case Verb::Info:
            return Step::Info;
        case Verb::PeerError:
            return Step::PeerError;
        case Verb::RouteSubscribe:
        case Verb::RouteUnsubscribe:
        case Verb::LeafSubscribe:
        case Verb::LeafUnsubscribe:
            return parse_interest(verb, arguments);
        case Verb::AccountSubscribe:
        case Verb::AccountUnsubscribe:
            if (arguments.empty() || arguments.find_first_of(" \t") != Bytes::npos) {
                return fail(PeerFault::BadArguments, line_);
            }
            return verb == Verb::AccountSubscribe ? Step::AccountInterest : Step::NoAccountInterest;
        default:
            return fail(PeerFault::UnknownOperation, line_);
    }
}

PeerParser::Step PeerParser::parse_interest(Verb verb, std::string_view arguments) {
    bool const adds = verb == Verb::RouteSubscribe || verb == Verb::LeafSubscribe;
    interest_ = {};
    interest_.by_leaf = verb == Verb::LeafSubscribe || verb == Verb::LeafUnsubscribe;
    if (interest_.by_leaf && form_.kind == PeerKind::Route && (adds || form_.origin_in_removal)) {
        interest_.origin = take_front(arguments);
    }
    if (form_.accounts) {
        interest_.account = take_front(arguments);
    }
    interest_.filter = take_front(arguments);
    interest_.queue = take_front(arguments);
    std::uint64_t weight = 1;
    bool const needs_weight = adds && !interest_.queue.empty();
    if (needs_weight && !read_number(take_front(arguments), weight)) {
        return fail(PeerFault::BadArguments, line_);
    }
    if (interest_.filter.empty() || !arguments.empty()) {
        return fail(PeerFault::BadArguments, line_);
    }
    interest_.weight = static_cast<std::uint32_t>(weight);
    return adds ? Step::Interest : Step::NoInterest;
}

bool PeerParser::read_message_line(Bytes line, Verb verb, std::string_view arguments,
                                   MessageLine& parsed) {
    PeerMessage& message = parsed.parts;
    bool const has_origin = verb == Verb::LeafMessage && form_.kind == PeerKind::Route;
    if (has_origin) {
        message.origin = take_front(arguments);
    }
    if (form_.accounts) {
        message.account = take_front(arguments);
    }
    std::string_view const subject = take_front(arguments);
    message.subject = subject::PublishSubject::from_token(subject);
    // What has a cluster before it has a size of headers too, be it 0.
    bool const two_sizes = verb == Verb::HeaderMessage || has_origin;
    if (!read_sizes(arguments, two_sizes, parsed) || subject.empty()) {
        fail(parsed.total_size > limits_.max_payload ? PeerFault::PayloadTooLarge
                                                     : PeerFault::BadSize,
             line);
        return false;
    }
    if (!read_reply_and_queues(arguments, message)) {
        fail(PeerFault::BadArguments, line);
        return false;
    }
    find_tail(line, parsed);
    return true;
}

bool PeerParser::read_sizes(std::string_view& arguments, bool two, MessageLine& parsed) {
    std::string_view const total = take_back(arguments);
    std::string_view const first = two ? take_back(arguments) : std::string_view("0");
    if (!read_number(total, parsed.total_size) || !read_number(first, parsed.header_size) ||
        parsed.header_size > parsed.total_size || parsed.total_size > limits_.max_payload) {
        return false;
    }
    char const* const begin = parsed.header_size > 0 ? first.data() : total.data();
    parsed.parts.sizes = {begin, static_cast<std::size_t>(total.data() + total.size() - begin)};
    return true;
}

bool PeerParser::read_reply_and_queues(std::string_view arguments, PeerMessage& message) {
    std::string_view const first = take_front(arguments);
    if (arguments.empty()) {
        message.reply = first;
        return true;
    }
    if (first == "+") {
        message.reply = take_front(arguments);
    } else if (first != "|") {
        return false;
    }
    message.names_queues = true;
    message.queues = arguments;
    return true;
}

/// What follows the sid in a delivery is there already when the line was written regularly: one
/// blank before each part, CR LF at the end, and nothing between the reply and the sizes.
void PeerParser::find_tail(Bytes line, MessageLine& parsed) {
    PeerMessage const& message = parsed.parts;
    bool const between = message.names_queues && !message.reply.empty();
    if (between) {
        return;
    }
    auto const sizes_at = static_cast<std::size_t>(message.sizes.data() - line.data());
    auto const reply_at = static_cast<std::size_t>(message.reply.data() - line.data());
    std::size_t const begin = (message.reply.empty() ? sizes_at : reply_at) - 1;
    std::size_t const reply_bytes = message.reply.empty() ? 0 : message.reply.size() + 1;
    bool const regular = line[begin] == ' ' && line[sizes_at - 1] == ' ' &&
                         begin + reply_bytes + 1 + message.sizes.size() + 2 == line.size() &&
                         message.sizes.find('\t') == Bytes::npos && line.ends_with("\r\n") &&
                         line.find('\r') == line.size() - 2 &&
                         message.sizes.find(' ') == message.sizes.rfind(' ');
    if (regular) {
        parsed.tail_at = begin;
    }
}

PeerParser::Step PeerParser::finish_message(Bytes line, MessageLine const& parsed, Bytes rest,
                                            std::size_t& used) {
    std::size_t const total = parsed.total_size;
    bool const cr_wrong = rest.size() > total && rest[total] != '\r';
    if (cr_wrong || (rest.size() > total + 1 && rest[total + 1] != '\n')) {
        return fail(PeerFault::UnknownOperation, rest.substr(total));
    }
    if (rest.size() < total + 2) {
        frame_needed_ = line.size() + total + 2;
        return Step::NeedMore;
    }
    used = line.size() + total + 2;
    line_ = line.substr(0, line.size() - (line.ends_with("\r\n") ? 2 : 1));
    message_ = parsed.parts;
    message_.headers = rest.substr(0, parsed.header_size);
    message_.payload = rest.substr(parsed.header_size, total - parsed.header_size);
    if (parsed.tail_at != 0) {
        // The payload follows its line: both came in one piece.
        message_.tail = {line.data() + parsed.tail_at, used - parsed.tail_at};
    }
    return Step::Message;
}

bool PeerParser::recall(Bytes line_and_rest, MessageLine& parsed, std::size_t& line_length) const {
    Memo const& memo = memo_;
    if (memo.length == 0 || line_and_rest.size() < memo.length ||
        std::memcmp(line_and_rest.data(), memo.text.data(), memo.length) != 0) {
        return false;
    }
    auto const part = [&](Memo::Part at) { return line_and_rest.substr(at.at, at.length); };
    line_length = memo.length;
    parsed.parts.origin = part(memo.origin);
    parsed.parts.account = part(memo.account);
    parsed.parts.subject = subject::PublishSubject::from_token(part(memo.subject));
    parsed.parts.reply = part(memo.reply);
    parsed.parts.queues = part(memo.queues);
    parsed.parts.names_queues = memo.names_queues;
    parsed.parts.sizes = part(memo.sizes);
    parsed.header_size = memo.header_size;
    parsed.total_size = memo.total_size;
    parsed.tail_at = memo.tail_at;
    return true;
}

void PeerParser::remember(Bytes line, MessageLine const& parsed) {
    memo_.length = 0;
    if (line.size() > memo_.text.size()) {
        return;
    }
    auto const part = [&](std::string_view text) {
        return text.empty() ? Memo::Part{}
                            : Memo::Part{static_cast<std::uint8_t>(text.data() - line.data()),
                                         static_cast<std::uint8_t>(text.size())};
    };
    std::memcpy(memo_.text.data(), line.data(), line.size());
    memo_.length = static_cast<std::uint8_t>(line.size());
    memo_.tail_at = static_cast<std::uint8_t>(parsed.tail_at);
    memo_.names_queues = parsed.parts.names_queues;
    memo_.origin = part(parsed.parts.origin);
    memo_.account = part(parsed.parts.account);
    memo_.subject = part(parsed.parts.subject.text());
    memo_.reply = part(parsed.parts.reply);
    memo_.queues = part(parsed.parts.queues);
    memo_.sizes = part(parsed.parts.sizes);
    memo_.header_size = static_cast<std::uint32_t>(parsed.header_size);
    memo_.total_size = static_cast<std::uint32_t>(parsed.total_size);
}

std::span<char> PeerParser::writable() {
    if (frame_needed_ == 0 || frame_needed_ - partial_.size() < kDirectReceive) {
        return {};
    }
    partial_.reserve(frame_needed_);
    return partial_.room().first(frame_needed_ - partial_.size());
}

PeerParser::Step PeerParser::fail(PeerFault fault, Bytes where) {
    fault_ = fault;
    snippet_length_ = std::min(where.size(), snippet_.size());
    std::memcpy(snippet_.data(), where.data(), snippet_length_);
    return Step::Fault;
}

}  // namespace signalbox::protocol
