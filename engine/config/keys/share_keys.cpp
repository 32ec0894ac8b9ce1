#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/config/keys/schema_rows.h"
#include "engine/subject/subject.h"

#include <algorithm>
#include <map>

namespace signalbox::config {

namespace {

void read_latency_sampling(Key const&, Value const& value, Target& target) {
    read_sampling(value, target.as<LatencyOptions>().sampling, target.problems);
}

void read_latency(Key const& key, Value const& value, Target& target) {
    LatencyOptions& latency = target.as<ExportOptions>().latency.emplace();
    if (auto const* text = value.as<std::string>()) {
        latency.subject = *text;
        return;
    }
    Target inner = target.of(&latency);
    read_block(key.inner, value, inner);
}

void check_latency(Value const& value, Value::Map const& map, Target& target) {
    if (member(Block::Latency, map, "subject") == nullptr) {
        target.problems.error(value.position(), "Latency subject required, but missing");
    }
}

/// A share is of the kind that is met first; the other beside it is one too many.
bool take_kind(Value const& value, ShareKind kind, std::string const& subject, bool& taken,
               Problems& problems) {
    std::string_view const name = kind == ShareKind::Stream ? "stream" : "service";
    std::string_view const other = kind == ShareKind::Stream ? "service" : "stream";
    if (taken) {
        problems.error(value.position(), concat("Detected ", name, " ", base::quoted(subject),
                                                " but already saw a ", other));
        return false;
    }
    taken = true;
    return true;
}

template <ShareKind Kind>
void read_export_subject(Key const&, Value const& value, Target& target) {
    auto const* subject = value.as<std::string>();
    if (subject == nullptr) {
        std::string_view const name = Kind == ShareKind::Stream ? "stream" : "service";
        return target.problems.error(
            value.position(),
            concat("Expected ", name, " name to be string, got ", type_name(value)));
    }
    auto& share = target.as<ExportOptions>();
    bool taken = !share.subject.empty();
    if (take_kind(value, Kind, *subject, taken, target.problems)) {
        share.kind = Kind;
        share.subject = *subject;
    }
}

void read_export_accounts(Key const&, Value const& value, Target& target) {
    auto const* array = value.as<Value::Array>();
    if (array == nullptr) {
        return wrong_type(value, "[]interface {}", target.problems);
    }
    auto& share = target.as<ExportOptions>();
    share.accounts_given = true;
    for (Value const& element : *array) {
        if (auto const* name = element.as<std::string>()) {
            share.accounts.push_back(*name);
        } else {
            return wrong_type(element, "string", target.problems);
        }
    }
}

void read_response_type(Key const& key, Value const& value, Target& target) {
    std::string text;
    read_value(key, value, target.problems, text);
    std::string const lower = base::to_lower(text);
    auto& share = target.as<ExportOptions>();
    if (lower == "single" || lower == "singleton") {
        share.response_type = ResponseType::Singleton;
    } else if (lower == "stream") {
        share.response_type = ResponseType::Stream;
    } else if (lower == "chunk" || lower == "chunked") {
        share.response_type = ResponseType::Chunked;
    } else if (value.as<std::string>() != nullptr) {
        target.problems.error(value.position(),
                              concat("Unknown response type: ", base::quoted(text)));
    }
}

void read_response_threshold(Key const&, Value const& value, Target& target) {
    constexpr std::string_view kWanted =
        "Expected response threshold to be a parseable time duration, got ";
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        return target.problems.error(value.position(), concat(kWanted, type_name(value)));
    }
    Problems ignored;
    if (std::optional<Duration> const threshold = duration_text("threshold", value, ignored)) {
        target.as<ExportOptions>().response_threshold = *threshold;
    } else {
        target.problems.error(value.position(), concat(kWanted, base::quoted(*text)));
    }
}

void only_of_service(std::string_view key, std::string_view words, Value::Map const& map,
                     Target& target) {
    if (Value const* const value = member(Block::Export, map, key)) {
        target.problems.error(value->position(),
                              concat("Detected ", words, " directive on non-service"));
    }
}

void check_export(Value const& value, Value::Map const& map, Target& target) {
    auto const& share = target.as<ExportOptions>();
    if (share.subject.empty()) {
        return target.problems.error(value.position(), "Export requires a stream or a service");
    }
    if (!subject::Filter::parse(share.subject).ok()) {
        return target.problems.error(
            value.position(),
            concat("subject ", base::quoted(share.subject), " is not a valid subject"));
    }
    if (share.kind == ShareKind::Stream) {
        only_of_service("response_type", "response", map, target);
        only_of_service("response_threshold", "response", map, target);
        only_of_service("latency", "latency", map, target);
        only_of_service("allow_trace", "allow_trace", map, target);
    }
}

template <ShareKind Kind>
void read_import_source(Key const& key, Value const& value, Target& target) {
    auto& share = target.as<ImportOptions>();
    if (!share.account.empty()) {
        std::string_view const other = Kind == ShareKind::Stream ? "service" : "stream";
        std::string_view const name = Kind == ShareKind::Stream ? "stream" : "service";
        return target.problems.error(value.position(),
                                     concat("Detected ", name, " but already saw a ", other));
    }
    share.kind = Kind;
    if (value.as<Value::Map>() == nullptr) {
        return target.problems.error(
            value.position(), concat(Kind == ShareKind::Stream ? "Stream" : "Service",
                                     " entry should be an account map, got ", type_name(value)));
    }
    read_block(key.inner, value, target);
}

void check_import_source(Value const& value, Value::Map const&, Target& target) {
    auto const& share = target.as<ImportOptions>();
    if (share.account.empty() || share.subject.empty()) {
        target.problems.error(value.position(), "Expect an account name and a subject");
    }
}

void check_import(Value const& value, Value::Map const& map, Target& target) {
    auto const& share = target.as<ImportOptions>();
    if (share.account.empty()) {
        return target.problems.error(value.position(), "Import requires a stream or a service");
    }
    if (share.kind == ShareKind::Service) {
        if (Value const* const trace = member(Block::Import, map, "allow_trace")) {
            target.problems.error(trace->position(),
                                  "Detected allow_trace directive on a non-stream");
        }
        return;
    }
    Value const* const prefix = member(Block::Import, map, "prefix");
    Value const* const to = member(Block::Import, map, "to");
    if (prefix != nullptr && to != nullptr) {
        Value const* const later = prefix->order() > to->order() ? prefix : to;
        target.problems.error(later->position(),
                              "Stream import can not have a 'prefix' and a 'to' property");
    }
}

constexpr Key kExport[] = {
    row("stream", KeyType::String, "The subject of messages that others receive.",
        read_export_subject<ShareKind::Stream>),
    row("service", KeyType::String, "The subject of requests that others make.",
        read_export_subject<ShareKind::Service>),
    row("accounts", KeyType::Strings, "The only accounts that may import it; all when not given.",
        read_export_accounts),
    with_choices(row("response_type response", KeyType::String,
                     "How a request is answered: `single`, the default, `stream` or `chunked`.",
                     read_response_type),
                 "single singleton stream chunk chunked"),
    special(described<&ExportOptions::response_threshold>(
                "response_threshold threshold response_max_time response_time", kApplied, "",
                "How long a service may take to answer."),
            read_response_threshold),
    block(row("latency", KeyType::Block, "Where it is told how long requests took.", nullptr),
          Block::Latency, read_latency, "text"),
    nested<&ExportOptions::account_token_position>(
        "account_token_position",
        "Which token of the subject, from 1, must be the name of the importing account."),
    nested<&ExportOptions::allow_trace>("allow_trace",
                                        "Of services: traces of messages go on in this account."),
};

constexpr Key kLatency[] = {
    nested<&LatencyOptions::subject>("subject", "Where measurements are published."),
    row("sampling", KeyType::Integer,
        "Percent of the requests that are measured, 100 by default, or `headers`: those that ask "
        "for it.",
        read_latency_sampling),
};

constexpr Key kImport[] = {
    block(row("stream", KeyType::Block, "The messages to receive.", nullptr), Block::ImportSource,
          read_import_source<ShareKind::Stream>),
    block(row("service", KeyType::Block, "The requests to make.", nullptr), Block::ImportSource,
          read_import_source<ShareKind::Service>),
    nested<&ImportOptions::prefix>("prefix",
                                   "Of streams: what the local subject has before the other."),
    nested<&ImportOptions::to>("to",
                               "The local subject; the same as the exporter's when not "
                               "given."),
    nested<&ImportOptions::share>("share", "Of services: the exporter learns who asks."),
    nested<&ImportOptions::allow_trace>("allow_trace",
                                        "Of streams: traces of messages go on in this account."),
};

constexpr Key kImportSource[] = {
    nested<&ImportOptions::account>("account", "Who exports it."),
    nested<&ImportOptions::subject>("subject", "What it is there."),
};

}  // namespace

/// `headers`, or a percentage of 1 to 100 as a number or a text; kept as 0 and the number.
void read_sampling(Value const& value, int& out, Problems& problems) {
    std::optional<std::int64_t> number;
    if (auto const* integer = value.as<std::int64_t>()) {
        number = *integer;
    } else if (auto const* text = value.as<std::string>()) {
        if (base::equal_ignoring_case(*text, "headers")) {
            out = 0;
            return;
        }
        std::string_view digits = base::trim(*text);
        digits.remove_suffix(digits.ends_with('%') ? 1 : 0);
        number = base::parse_int(digits);
        if (!number) {
            return problems.error(value.position(),
                                  concat("Failed to parse latency sample: strconv.Atoi: parsing ",
                                         base::quoted(digits), ": invalid syntax"));
        }
    } else {
        return problems.error(
            value.position(),
            concat("Expected latency sample to be a string or map/struct, got ", type_name(value)));
    }
    if (*number < 1 || *number > 100) {
        return problems.error(value.position(), "bad sampling percentage, should be 1-100");
    }
    out = static_cast<int>(*number);
}

void check_imports_together(AccountOptions const& account, Position const& at, Problems& problems) {
    std::map<std::pair<std::string_view, std::string_view>, ImportOptions const*> seen;
    for (ImportOptions const& share : account.imports) {
        if (share.kind != ShareKind::Service) {
            continue;
        }
        std::string_view const local = share.to.empty() ? share.subject : share.to;
        auto const [known, fresh] =
            seen.emplace(std::pair(std::string_view(share.account), local), &share);
        if (!fresh) {
            problems.error(at, concat("Duplicate service import subject ", base::quoted(local),
                                      ", previously used in import for account ",
                                      base::quoted(known->second->account), ", subject ",
                                      base::quoted(known->second->subject)));
        }
    }
}

void check_accounts_named(std::vector<AccountOptions> const& accounts, Position const& at,
                          Problems& problems) {
    auto const check = [&](std::string const& name, ShareKind kind, std::string_view what) {
        bool const defined =
            std::ranges::find(accounts, name, &AccountOptions::name) != accounts.end();
        if (!defined) {
            problems.error(at, concat(base::quoted(name), " account not defined for ",
                                      kind == ShareKind::Stream ? "stream" : "service", what));
        }
    };
    for (AccountOptions const& account : accounts) {
        for (ExportOptions const& share : account.exports) {
            for (std::string const& name : share.accounts) {
                check(name, share.kind, " export");
            }
        }
        for (ImportOptions const& share : account.imports) {
            // One without an account was told where it stands.
            if (!share.account.empty()) {
                check(share.account, share.kind, " import");
            }
        }
    }
}

BlockSpec export_spec() {
    return {.path = "accounts.<name>.exports[]",
            .about = "What other accounts may import.",
            .example =
                "{ service: \"orders.*\", accounts: [WEB], response_type: stream,\n"
                "  latency: { subject: \"latency.orders\", sampling: 10 } }",
            .keys = kExport,
            .not_a_map =
                [](Value const& value) {
                    return concat("Export Items should be a map with type entry, got ",
                                  type_name(value));
                },
            .not_an_array =
                [](Value const& value) {
                    return concat("Exports should be an array, got ", type_name(value));
                },
            .check = check_export};
}

BlockSpec latency_spec() {
    return {.path = "accounts.<name>.exports[].latency",
            .about = "Where and how often it is told how long requests took.",
            .example = "latency { subject: \"latency.orders\", sampling: headers }",
            .keys = kLatency,
            .not_a_map =
                [](Value const& value) {
                    return concat("Expected latency entry to be a map/struct or string, got ",
                                  type_name(value));
                },
            .check = check_latency};
}

BlockSpec import_spec() {
    return {.path = "accounts.<name>.imports[]",
            .about = "What is taken from another account.",
            .example = "{ service: { account: SHOP, subject: \"orders.create\" }, to: \"buy\" }",
            .keys = kImport,
            .not_a_map =
                [](Value const& value) {
                    return concat("Import Items should be a map with type entry, got ",
                                  type_name(value));
                },
            .not_an_array =
                [](Value const& value) {
                    return concat("Imports should be an array, got ", type_name(value));
                },
            .check = check_import};
}

BlockSpec import_source_spec() {
    return {.path = "accounts.<name>.imports[].stream",
            .about = "Also of `service`: what is imported, as its exporter has it.",
            .example = "stream: { account: SHOP, subject: \"prices.>\" }",
            .keys = kImportSource,
            .not_a_map = plain_not_a_map,
            .check = check_import_source};
}

}  // namespace signalbox::config
