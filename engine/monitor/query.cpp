#include "engine/monitor/query.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <array>

namespace signalbox::monitor {
namespace {

constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "true", "TRUE", "True"};
constexpr std::array<std::string_view, 6> kFalse{"0", "f", "F", "false", "FALSE", "False"};

/// What went wrong, in the words of the reference's number parser: tools show it as it is.
struct Complaint {
    std::string_view kind;      ///< `int`, as in "decoding int".
    std::string_view function;  ///< Named in the text.
    std::string_view name;
    std::string_view value;
    std::string_view reason = "invalid syntax";
};

Error complaint(Complaint const& c) {
    return Error(Errc::InvalidArgument,
                 concat("Error decoding ", c.kind, " for '", c.name, "': strconv.", c.function,
                        ": parsing ", base::quoted(c.value), ": ", c.reason));
}

Paging paging_of(std::int64_t offset, std::int64_t limit) {
    Paging paging;
    paging.offset = std::max<std::int64_t>(offset, 0);
    if (limit > 0) {
        paging.limit = limit;
    }
    return paging;
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string Query::text(std::string_view name) const {
    return std::string(request_.parameter(name).value_or(std::string_view()));
}

Result<bool> Query::boolean(std::string_view name) const {
    std::string const value = text(name);
    if (value.empty() || std::ranges::find(kFalse, value) != kFalse.end()) {
        return false;
    }
    if (std::ranges::find(kTrue, value) != kTrue.end()) {
        return true;
    }
    return complaint({"boolean", "ParseBool", name, value});
}

Result<std::int64_t> Query::integer(std::string_view name) const {
    std::string const value = text(name);
    if (value.empty()) {
        return std::int64_t{0};
    }
    bool const has_sign = value[0] == '+' || value[0] == '-';
    if (!all_digits(std::string_view(value).substr(has_sign ? 1 : 0))) {
        return complaint({"int", "Atoi", name, value});
    }
    auto const number = base::parse_int(std::string_view(value).substr(value[0] == '+' ? 1 : 0));
    if (!number) {
        return complaint({"int", "Atoi", name, value, "value out of range"});
    }
    return *number;
}

Result<std::uint64_t> Query::natural(std::string_view name) const {
    std::string const value = text(name);
    if (value.empty()) {
        return std::uint64_t{0};
    }
    if (!all_digits(value)) {
        return complaint({"uint64", "ParseUint", name, value});
    }
    auto const number = base::parse_uint(value);
    if (!number) {
        return complaint({"uint64", "ParseUint", name, value, "value out of range"});
    }
    return *number;
}

Result<Paging> Paging::read(Query const& query) {
    std::int64_t const offset = TRY(query.integer("offset"));
    std::int64_t const limit = TRY(query.integer("limit"));
    return paging_of(offset, limit);
}

Paging Paging::read(RequestFields& fields) {
    std::int64_t const offset = fields.integer("offset");
    return paging_of(offset, fields.integer("limit"));
}

std::size_t Paging::begin_in(std::size_t size) const {
    return std::min(static_cast<std::size_t>(offset), size);
}

std::size_t Paging::end_in(std::size_t size) const {
    std::size_t const begin = begin_in(size);
    return begin + std::min(static_cast<std::size_t>(limit), size - begin);
}

}  // namespace signalbox::monitor
