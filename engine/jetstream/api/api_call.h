#pragma once

#include "engine/event/client_info.h"
#include "engine/jetstream/jetstream.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

class ApiService;

/// One request of the API, from its arrival to its one answer, which may come later.
class ApiCall {
public:
    using WriteFields = std::function<void(JsonWriter&)>;

    struct Parts {
        std::string subject;  ///< As it was asked on, without a domain.
        std::string reply;    ///< Empty: nobody waits, and what is asked is done all the same.
        std::string headers;
        std::string payload;
        event::ClientInfo client;
        std::string type;  ///< Of the answer, without the field's prefix.
    };

    ApiCall(JetStream& jetstream, ApiService& service, AccountStreams& account, Parts parts);

    JetStream& jetstream() const { return jetstream_; }
    AccountStreams& account() const { return account_; }
    std::string const& subject() const { return parts_.subject; }
    std::string const& reply() const { return parts_.reply; }
    std::string const& headers() const { return parts_.headers; }
    std::string const& payload() const { return parts_.payload; }
    event::ClientInfo const& client() const { return parts_.client; }
    /// Whether it is worth an advisory: single messages that are read are not.
    bool is_audited() const { return parts_.type != "stream_msg_get_response"; }
    /// The token at a position of the subject, `$JS` being 0; empty: there is none.
    std::string_view token(std::size_t at) const;
    /// The subject from that token on.
    std::string_view from_token(std::size_t at) const;

    /// The stream that the token names; null: there is none, which was answered.
    Stream* stream_at(std::size_t at);

    /// The payload as JSON. Null, and that is answered, when it is none; `optional`: what does not
    /// begin as an object or array counts as empty, and empty is an object without members. A
    /// refusal has `beside` in it.
    Json const* json(bool optional, WriteFields const& beside = {});
    bool strict() const { return jetstream_.options().strict; }

    /// The type, then what `write` adds. Exactly one of these is called, once.
    void answer(WriteFields const& write);
    void refuse(ApiError const& error, WriteFields const& write = {});
    void answer_success();

private:
    void send(std::string text, bool failed);

    JetStream& jetstream_;
    ApiService* service_;
    std::weak_ptr<char const> service_life_;
    AccountStreams& account_;
    Parts parts_;
    std::vector<std::string_view> tokens_;
    std::optional<Json> json_;
};

using ApiCallPtr = std::shared_ptr<ApiCall>;

/// One kind of request. The pattern stands behind `$JS.API.`.
struct ApiRoute {
    char const* pattern;
    char const* type;  ///< `stream_info_response`
    void (*handle)(ApiCallPtr const& call);
};

std::span<ApiRoute const> account_routes();
std::span<ApiRoute const> stream_routes();
std::span<ApiRoute const> message_routes();

/// What a page of a list asks for. `offset` is not negative.
struct Paging {
    std::int64_t offset = 0;
    std::string subject;
};

/// False: it is no such request, which was answered.
bool read_paging(ApiCall& call, Paging& paging);

/// `total`, `offset` and `limit` of a page.
void write_paging(JsonWriter& json, std::size_t total, std::int64_t offset, std::int64_t limit);

/// Whether nothing is asked beside what the subject says; if not, that was answered.
bool expects_nothing(ApiCall& call);

}  // namespace signalbox::jetstream
