#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/monitor/request_fields.h"
#include "engine/protocol/http_request.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::monitor {

/// Reads the options of a document from its query. An option that is absent or empty has its
/// default. All errors are InvalidArgument, and their detail is the text clients know.
class Query {
public:
    explicit Query(protocol::HttpRequest const& request) : request_(request) {}

    std::string text(std::string_view name) const;
    Result<bool> boolean(std::string_view name) const;
    Result<std::int64_t> integer(std::string_view name) const;
    Result<std::uint64_t> natural(std::string_view name) const;

private:
    protocol::HttpRequest const& request_;
};

/// Which part of a list is shown.
struct Paging {
    static constexpr std::int64_t kDefaultLimit = 1'024;

    std::int64_t offset = 0;
    std::int64_t limit = kDefaultLimit;

    /// A negative offset is none, a limit below one the default.
    static Result<Paging> read(Query const& query);
    static Paging read(RequestFields& fields);

    /// Of a list with `size` members: where the part begins and ends.
    std::size_t begin_in(std::size_t size) const;
    std::size_t end_in(std::size_t size) const;
};

}  // namespace signalbox::monitor
