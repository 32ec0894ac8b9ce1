#include "engine/base/json_reader.h"

#include "engine/base/text.h"
#include "engine/base/utf8.h"

#include <simdjson.h>

#include <cmath>
#include <limits>

namespace signalbox::base {

/// Copies what simdjson found into values of ours, which outlive its parser.
class JsonBuilder {
public:
    // Recursion is bounded by Json::kMaxDepth, which simdjson enforces while parsing.
    // NOLINTBEGIN(misc-no-recursion)
    static Json build(simdjson::dom::element const& element) {
        Json out;
        switch (element.type()) {
            case simdjson::dom::element_type::ARRAY:
                out.value_ = build_array(element);
                break;
            case simdjson::dom::element_type::OBJECT:
                out.value_ = build_object(element);
                break;
            case simdjson::dom::element_type::INT64:
                out.value_ = std::int64_t{element.get_int64().value_unsafe()};
                break;
            case simdjson::dom::element_type::UINT64:
                out.value_ = std::uint64_t{element.get_uint64().value_unsafe()};
                break;
            case simdjson::dom::element_type::DOUBLE:
                out.value_ = element.get_double().value_unsafe();
                break;
            case simdjson::dom::element_type::STRING:
                out.value_ = std::string(element.get_string().value_unsafe());
                break;
            case simdjson::dom::element_type::BOOL:
                out.value_ = element.get_bool().value_unsafe();
                break;
            case simdjson::dom::element_type::NULL_VALUE:
                break;
        }
        return out;
    }

private:
    static Json::Array build_array(simdjson::dom::element const& element) {
        Json::Array out;
        // By name: a range-for would not keep the result alive that it is taken from.
        simdjson::dom::array const children = element.get_array().value_unsafe();
        for (simdjson::dom::element const child : children) {
            out.push_back(build(child));
        }
        return out;
    }

    static Json::Object build_object(simdjson::dom::element const& element) {
        Json::Object out;
        simdjson::dom::object const fields = element.get_object().value_unsafe();
        for (simdjson::dom::key_value_pair const field : fields) {
            out.emplace_back(std::string(field.key), build(field.value));
        }
        return out;
    }
    // NOLINTEND(misc-no-recursion)
};

Result<Json> Json::parse(std::string_view text) {
    simdjson::dom::parser parser;
    if (parser.allocate(text.size() + 1, kMaxDepth) != simdjson::SUCCESS) {
        return Error(Errc::LimitExceeded, "JSON too large");
    }
    // simdjson reads past the end, so it gets a copy with room; repairing makes the copy anyway.
    simdjson::padded_string const padded(repaired_utf8(text));
    simdjson::dom::element root;
    simdjson::error_code const code = parser.parse(padded).get(root);
    if (code == simdjson::DEPTH_ERROR) {
        return Error(Errc::LimitExceeded, "JSON too deep");
    }
    if (code != simdjson::SUCCESS) {
        return Error(Errc::Malformed, simdjson::error_message(code));
    }
    return JsonBuilder::build(root);
}

std::optional<std::int64_t> Json::as_int() const {
    if (auto const* number = std::get_if<std::int64_t>(&value_)) {
        return *number;
    }
    return std::nullopt;
}

std::optional<double> Json::as_double() const {
    if (auto const* number = std::get_if<double>(&value_)) {
        return *number;
    }
    if (auto const* number = std::get_if<std::uint64_t>(&value_)) {
        return static_cast<double>(*number);
    }
    if (auto const number = as_int()) {
        return static_cast<double>(*number);
    }
    return std::nullopt;
}

Json const* Json::find(std::string_view name) const {
    Object const* object = as_object();
    if (object == nullptr) {
        return nullptr;
    }
    Json const* found = nullptr;
    bool exact = false;
    for (Member const& member : *object) {
        if (member.first == name) {
            found = &member.second;
            exact = true;
        } else if (!exact && equal_ignoring_case(member.first, name)) {
            found = &member.second;
        }
    }
    return found;
}

}  // namespace signalbox::base
