#include "tests/transcript/conversation.h"

#include "engine/base/check.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

namespace signalbox::transcript {

namespace {

[[noreturn]] void fail(std::string const& where, std::string_view what) {
    std::cerr << where << ": " << what << std::endl;
    std::abort();
}

char unescaped(std::string_view text, std::size_t& at) {
    ++at;
    switch (text[at]) {
        case 'r':
            return '\r';
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 's':
            return ' ';
        case 'x': {
            int const value = std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16);
            at += 2;
            return static_cast<char>(value);
        }
        default:
            return text[at];
    }
}

/// `{x*1000}` at `at`, if it stands there.
std::optional<std::string> repetition(std::string_view text, std::size_t& at) {
    std::size_t const end = text.find('}', at);
    std::size_t const star = end == std::string_view::npos ? end : text.rfind('*', end);
    if (star == std::string_view::npos || star < at) {
        return std::nullopt;
    }
    auto const count = base::parse_uint(text.substr(star + 1, end - star - 1));
    if (!count) {
        return std::nullopt;
    }
    std::string_view const unit = text.substr(at + 1, star - at - 1);
    std::string out;
    for (std::uint64_t i = 0; i < *count; ++i) {
        for (std::size_t j = 0; j < unit.size(); ++j) {
            out.push_back(unit[j] == '\\' ? unescaped(unit, j) : unit[j]);
        }
    }
    at = end;
    return out;
}

std::string expanded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            out.push_back(unescaped(text, i));
        } else if (text[i] == '{') {
            std::optional<std::string> const repeated = repetition(text, i);
            out.append(repeated ? *repeated : "{");
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

std::optional<Condition> condition_of(std::string const& tag) {
    Condition condition;
    if (tag == "ours" || tag == "theirs") {
        condition.ours = tag == "ours";
        return condition;
    }
    static std::regex const version(R"((\d+)\.(\d+)([+-]))");
    std::smatch match;
    if (!std::regex_match(tag, match, version)) {
        return std::nullopt;
    }
    int const number = std::stoi(match[1]) * 1000 + std::stoi(match[2]);
    (match[3] == "+" ? condition.since : condition.before) = number;
    return condition;
}

std::optional<StepKind> kind_of(std::string const& mark) {
    static std::map<std::string, StepKind> const kinds = {
        {">", StepKind::Send},
        {">|", StepKind::SendRaw},
        {"<", StepKind::Expect},
        {"<~", StepKind::ExpectPattern},
        {"<!closed", StepKind::ExpectClosed},
        {"<!silent", StepKind::ExpectSilence},
        {"!open", StepKind::Open},
        {"!close", StepKind::Close},
    };
    auto const found = kinds.find(mark);
    return found == kinds.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Step> step_of(std::string line, int number) {
    static std::regex const form(
        R"((?:\[([^\]]+)\] )?(\w*)(<!closed|<!silent|!open|!close|>\||<~|>|<)(?: (.*))?)");
    std::smatch match;
    Step step;
    step.line = number;
    if (line.starts_with("@wait ")) {
        step.kind = StepKind::Wait;
        step.text = line.substr(6);
        return step;
    }
    if (!std::regex_match(line, match, form)) {
        return std::nullopt;
    }
    if (match[1].matched) {
        std::optional<Condition> const condition = condition_of(match[1]);
        if (!condition) {
            return std::nullopt;
        }
        step.condition = *condition;
    }
    step.client = match[2];
    step.kind = *kind_of(match[3]);
    step.text = step.kind == StepKind::ExpectPattern ? match[4].str() : expanded(match[4].str());
    return step;
}

}  // namespace

bool Condition::holds(int version, bool is_ours) const {
    return (!since || version >= *since) && (!before || version < *before) &&
           (!ours || *ours == is_ours);
}

std::string Conversation::where(Step const& step) const {
    return concat(file, ":", step.line);
}

std::vector<Conversation> read_conversations(std::string const& path) {
    std::ifstream in(path);
    std::string const name = std::filesystem::path(path).filename().string();
    std::vector<Conversation> conversations;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        std::string const where = concat(name, ":", number);
        if (line.empty() || line.starts_with("#")) {
            continue;
        }
        if (line.starts_with("=== ")) {
            Conversation next;
            next.file = name;
            next.title = line.substr(4);
            conversations.push_back(std::move(next));
            continue;
        }
        if (conversations.empty()) {
            fail(where, "before the first ===");
        }
        if (line == "@newer") {
            conversations.back().may_be_refused = true;
            continue;
        }
        if (line.starts_with("@config ")) {
            append(conversations.back().config, line.substr(8), '\n');
            continue;
        }
        std::optional<Step> step = step_of(line, number);
        if (!step) {
            fail(where, line);
        }
        conversations.back().steps.push_back(std::move(*step));
    }
    return conversations;
}

}  // namespace signalbox::transcript
