#include "engine/config/parser.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/config/lexer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace signalbox::config {

namespace {

constexpr int kDeepestInclude = 10;
constexpr int kDeepestVariable = 10;
/// Bytes of all files of a configuration together.
constexpr std::size_t kLargest = 16U << 20U;
/// What variables may copy in all, in bytes of text and values: maps of variables that name maps of
/// variables double with each line.
constexpr std::size_t kMostCopied = 64U << 20U;

/// The directory of a path, empty for a bare name.
std::string_view directory_of(std::string_view path) {
    std::size_t const slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

/// The path without `.` and, where a name stands before them, `..`.
std::string cleaned(std::string_view path) {
    bool const absolute = path.starts_with('/');
    std::vector<std::string_view> kept;
    for (std::string_view part : base::split(path, '/')) {
        if (part.empty() || part == ".") {
            continue;
        }
        if (part == ".." && !kept.empty() && kept.back() != "..") {
            kept.pop_back();
        } else if (part != ".." || !absolute) {
            kept.push_back(part);
        }
    }
    std::string out = absolute ? "/" : "";
    for (std::size_t i = 0; i < kept.size(); ++i) {
        append(out, i == 0 ? "" : "/", kept[i]);
    }
    return out;
}

Error malformed(std::string text) {
    return Error(Errc::Malformed, std::move(text));
}

/// Decimal digits and `k` (1000), `kb`, `ki`, `kib` (1024), and so on.
Result<std::int64_t> integer_of(std::string_view text) {
    std::size_t digits = text.starts_with('-') ? 1 : 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        ++digits;
    }
    auto const refuse = [&] {
        return malformed(concat("integer '", text, "' is out of the range"));
    };
    std::optional<std::int64_t> const number = base::parse_int(text.substr(0, digits));
    if (!number) {
        return refuse();
    }
    std::string const suffix = base::to_lower(text.substr(digits));
    if (suffix.empty()) {
        return *number;
    }
    std::int64_t const base_unit = suffix.size() == 1 ? 1'000 : 1'024;
    std::int64_t unit = 1;
    for (std::size_t power = std::string_view("kmgtpe").find(suffix[0]) + 1; power > 0; --power) {
        unit *= base_unit;
    }
    std::int64_t const most = std::numeric_limits<std::int64_t>::max() / unit;
    if (*number > most || *number < -most) {
        return refuse();
    }
    return *number * unit;
}

Result<WallTime> date_of(std::string_view text) {
    auto const part = [&](std::size_t at, std::size_t size) {
        return static_cast<int>(base::parse_int(text.substr(at, size)).value_or(-1));
    };
    std::chrono::year_month_day const day{std::chrono::year(part(0, 4)),
                                          std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                          std::chrono::day(static_cast<unsigned>(part(8, 2)))};
    int const hour = part(11, 2);
    int const minute = part(14, 2);
    int const second = part(17, 2);
    // Nanoseconds in 64 bits end in 2262.
    bool const fits = part(0, 4) >= 1678 && part(0, 4) <= 2261;
    if (!day.ok() || !fits || hour > 23 || minute > 59 || second > 59) {
        return malformed(concat("expected Zulu formatted DateTime, but got '", text, "'"));
    }
    Duration const since = std::chrono::sys_days(day).time_since_epoch();
    return WallTime(since + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                    std::chrono::seconds(second));
}

bool is_true(std::string_view word) {
    std::string const lower = base::to_lower(word);
    return lower == "true" || lower == "on" || lower == "yes";
}

/// Roughly the memory a copy takes. As deep as the lexer lets values be.
std::size_t weight_of(Value const& value) {
    std::size_t weight = sizeof(Value);
    if (auto const* text = value.as<std::string>()) {
        weight += text->size();
    } else if (auto const* array = value.as<Value::Array>()) {
        for (Value const& element : *array) {
            weight += weight_of(element);
        }
    } else if (auto const* map = value.as<Value::Map>()) {
        for (auto const& [key, member] : *map) {
            weight += key.size() + weight_of(member);
        }
    }
    return weight;
}

/// What all files of one configuration share while it is read.
struct Reading {
    FileReader& files;
    Environment const& variables;
    std::uint32_t values = 0;
    int include_depth = 0;
    int variable_depth = 0;
    std::size_t copied = 0;
    std::size_t bytes = 0;
    std::string folder;                   ///< Of the first file, cleaned; includes stay below it.
    Value::Map const* root = nullptr;     ///< What the first file has said so far.
    std::vector<std::string> open_files;  ///< From the first to the innermost.
};

/// The first file has said `signalbox { includes_anywhere: true }` before.
bool includes_anywhere(Reading const& reading) {
    for (auto const& [name, value] : *reading.root) {
        auto const* own =
            base::equal_ignoring_case(name, "signalbox") ? value.as<Value::Map>() : nullptr;
        if (own == nullptr) {
            continue;
        }
        auto const found = std::ranges::find_if(*own, [](auto const& member) {
            return base::equal_ignoring_case(member.first, "includes_anywhere");
        });
        bool const* yes = found == own->end() ? nullptr : found->second.template as<bool>();
        return yes != nullptr && *yes;
    }
    return false;
}

/// Whether a cleaned path leads into the folder of the configuration.
bool is_below(std::string_view path, std::string const& folder) {
    if (folder.empty()) {
        return !path.starts_with('/') && path != ".." && !path.starts_with("../");
    }
    return path.starts_with(concat(folder, folder == "/" ? "" : "/"));
}

Result<Value::Map> parse_into_map(Reading& reading, std::string_view text, std::string const& name);

/// One file. Recursion is bounded by the lexer's depth, and by the two depths above.
class FileParser {
public:
    FileParser(Reading& reading, std::string_view text, std::string const& name)
        : reading_(reading), lexer_(text), file_(std::make_shared<std::string const>(name)) {}

    Result<Value::Map> parse() {
        Value::Map root;
        maps_.push_back(&root);
        if (reading_.root == nullptr) {
            reading_.root = &root;
        }
        TRY(members(TokenKind::End));
        return root;
    }

private:
    Position position_of(Token const& token) const {
        return {.file = file_, .line = token.line, .column = token.column};
    }

    Result<void> members(TokenKind end) {
        for (;;) {
            Token const token = TRY(lexer_.next());
            if (token.kind == end) {
                return {};
            }
            if (token.kind == TokenKind::Include) {
                TRY(include(token));
                continue;
            }
            if (token.kind != TokenKind::Key) {
                return malformed(concat("Parse error on line ", token.line, ": 'Expected a key'"));
            }
            Position const position = position_of(token);
            if (lexer_.at_end_without_value()) {
                return malformed(concat("config is invalid (", position.text(), ")"));
            }
            std::uint32_t const order = ++reading_.values;
            Token const first = TRY(lexer_.next());
            Value read = TRY(value(first));
            read.set_position(position);
            read.set_order(order);
            maps_.back()->insert_or_assign(token.text, std::move(read));
        }
    }

    Result<Value> value(Token const& token) {
        Position const position = position_of(token);
        switch (token.kind) {
            case TokenKind::String:
                return Value(token.text, position);
            case TokenKind::Boolean:
                return Value(is_true(token.text), position);
            case TokenKind::Integer:
                return Value(TRY(integer_of(token.text)), position);
            case TokenKind::Float:
                return float_value(token);
            case TokenKind::Date:
                return Value(TRY(date_of(token.text)), position);
            case TokenKind::Variable:
                return variable(token);
            case TokenKind::ArrayStart:
                return array();
            case TokenKind::MapStart:
                return map(position);
            case TokenKind::Key:
            case TokenKind::Include:
            case TokenKind::ArrayEnd:
            case TokenKind::MapEnd:
            case TokenKind::End:
                break;
        }
        return malformed(concat("Parse error on line ", token.line, ": 'Expected a value'"));
    }

    Result<Value> float_value(Token const& token) const {
        std::optional<double> const number = base::parse_double(token.text);
        if (!number) {
            return malformed(concat("float '", token.text, "' is out of the range"));
        }
        return Value(*number, position_of(token));
    }

    Result<Value> array() {
        Value::Array elements;
        for (;;) {
            Token const token = TRY(lexer_.next());
            if (token.kind == TokenKind::ArrayEnd) {
                return Value(std::move(elements), position_of(token));
            }
            elements.push_back(TRY(value(token)));
            elements.back().set_order(++reading_.values);
        }
    }

    Result<Value> map(Position position) {
        Value::Map content;
        maps_.push_back(&content);
        TRY(members(TokenKind::MapEnd));
        maps_.pop_back();
        return Value(std::move(content), std::move(position));
    }

    /// From the innermost map outwards, then from the environment.
    Result<Value> variable(Token const& token) {
        for (auto scope = maps_.rbegin(); scope != maps_.rend(); ++scope) {
            auto const found = (*scope)->find(token.text);
            if (found != (*scope)->end()) {
                found->second.mark_used_as_variable();
                reading_.copied += weight_of(found->second);
                if (reading_.copied > kMostCopied) {
                    return Error(Errc::LimitExceeded, "variables copy more than 64 MiB");
                }
                return Value(found->second.content(), position_of(token));
            }
        }
        std::string const about =
            concat("variable reference for '", token.text, "' on line ", token.line);
        auto const found = reading_.variables.find(token.text);
        if (found == reading_.variables.end()) {
            return malformed(concat(about, " can not be found"));
        }
        if (reading_.variable_depth >= kDeepestVariable) {
            return malformed(concat(about, " refers to itself"));
        }
        ++reading_.variable_depth;
        Result<Value::Map> parsed =
            parse_into_map(reading_, concat("value=", found->second), *file_);
        --reading_.variable_depth;
        if (!parsed.ok()) {
            return malformed(concat(about, " could not be parsed: ", parsed.error().detail()));
        }
        Value::Map const& map = parsed.value();
        auto const member = map.find("value");
        if (member == map.end() || map.size() != 1) {
            return malformed(concat(about, " could not be parsed: not one value"));
        }
        return Value(member->second.content(), position_of(token));
    }

    Result<void> include(Token const& token) {
        std::string const path = cleaned(concat(directory_of(*file_), token.text));
        auto const refuse = [&](std::string_view why) {
            return malformed(concat("error parsing include file '", token.text, "', ", why));
        };
        if (reading_.include_depth >= kDeepestInclude) {
            return refuse("more than 10 files deep");
        }
        if (std::ranges::find(reading_.open_files, path) != reading_.open_files.end()) {
            return refuse("which includes itself");
        }
        if (!is_below(path, reading_.folder) && !includes_anywhere(reading_)) {
            return refuse("outside the folder of the configuration");
        }
        Result<std::string> const text = reading_.files.read(path);
        if (!text.ok()) {
            return refuse(text.error().detail());
        }
        ++reading_.include_depth;
        reading_.open_files.push_back(path);
        Result<Value::Map> included = parse_into_map(reading_, text.value(), path);
        reading_.open_files.pop_back();
        --reading_.include_depth;
        if (!included.ok()) {
            return refuse(included.error().detail());
        }
        for (auto& [key, value] : included.value()) {
            maps_.back()->insert_or_assign(key, std::move(value));
        }
        return {};
    }

    Reading& reading_;
    Lexer lexer_;
    std::shared_ptr<std::string const> file_;
    std::vector<Value::Map*> maps_;  ///< From the file's own to the innermost open one.
};

Result<Value::Map> parse_into_map(Reading& reading, std::string_view text,
                                  std::string const& name) {
    reading.bytes += text.size();
    if (reading.bytes > kLargest) {
        return Error(Errc::LimitExceeded, concat(name, ": a configuration larger than 16 MiB"));
    }
    return FileParser(reading, text, name).parse();
}

}  // namespace

Result<Document> parse_file(std::string const& path, FileReader& files,
                            Environment const& variables) {
    std::string const text = TRY(files.read(path));
    return parse_text(text, path, files, variables);
}

Result<Document> parse_text(std::string_view text, std::string const& name, FileReader& files,
                            Environment const& variables) {
    Reading reading{.files = files, .variables = variables};
    reading.folder = cleaned(directory_of(name));
    reading.open_files.push_back(cleaned(name));
    Document document;
    document.root = TRY(parse_into_map(reading, text, name));
    document.digest = digest_of(document.root);
    return document;
}

}  // namespace signalbox::config
