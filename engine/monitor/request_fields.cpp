#include "engine/monitor/request_fields.h"

#include "engine/base/text.h"

#include <utility>

namespace signalbox::monitor {
namespace {

std::string_view kind_of(Json const& value) {
    if (value.as_bool() != nullptr) {
        return "bool";
    }
    if (value.as_text() != nullptr) {
        return "string";
    }
    if (value.as_array() != nullptr) {
        return "array";
    }
    return value.as_object() != nullptr ? "object" : "number";
}

}  // namespace

Result<RequestFields> RequestFields::parse(std::string_view text) {
    if (base::trim(text).empty()) {
        return RequestFields(Json());
    }
    RequestFields fields(TRY(Json::parse(text)));
    if (!fields.body_.is_null() && fields.body_.as_object() == nullptr) {
        return Error(Errc::Malformed,
                     concat("json: cannot unmarshal ", kind_of(fields.body_), " into options"));
    }
    return fields;
}

Json const* RequestFields::find(std::string_view name) const {
    Json const* const member = body_.find(name);
    return member == nullptr || member->is_null() ? nullptr : member;
}

void RequestFields::complain(Json const& met, std::string_view name, std::string_view wanted) {
    if (complaint_.empty()) {
        complaint_ = concat("json: cannot unmarshal ", kind_of(met), " into field ", name,
                            " of type ", wanted);
    }
}

std::string RequestFields::text(std::string_view name) {
    Json const* const member = find(name);
    if (member == nullptr) {
        return {};
    }
    if (member->as_text() == nullptr) {
        complain(*member, name, "string");
        return {};
    }
    return *member->as_text();
}

bool RequestFields::boolean(std::string_view name) {
    Json const* const member = find(name);
    if (member == nullptr) {
        return false;
    }
    if (member->as_bool() == nullptr) {
        complain(*member, name, "bool");
        return false;
    }
    return *member->as_bool();
}

std::int64_t RequestFields::integer(std::string_view name) {
    Json const* const member = find(name);
    if (member == nullptr) {
        return 0;
    }
    auto const number = member->as_int();
    if (!number) {
        complain(*member, name, "int");
    }
    return number.value_or(0);
}

std::uint64_t RequestFields::natural(std::string_view name) {
    Json const* const member = find(name);
    if (member == nullptr) {
        return 0;
    }
    auto const number = member->as_int();
    if (!number || *number < 0) {
        complain(*member, name, "uint64");
        return 0;
    }
    return static_cast<std::uint64_t>(*number);
}

std::vector<std::string> RequestFields::texts(std::string_view name) {
    std::vector<std::string> found;
    Json const* const member = find(name);
    if (member == nullptr) {
        return found;
    }
    if (member->as_array() == nullptr) {
        complain(*member, name, "[]string");
        return found;
    }
    for (Json const& each : *member->as_array()) {
        if (each.as_text() == nullptr) {
            complain(each, name, "string");
            return {};
        }
        found.push_back(*each.as_text());
    }
    return found;
}

Result<void> RequestFields::check() const {
    if (!complaint_.empty()) {
        return Error(Errc::InvalidArgument, complaint_);
    }
    return {};
}

}  // namespace signalbox::monitor
