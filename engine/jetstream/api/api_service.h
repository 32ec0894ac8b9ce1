#pragma once

#include "engine/jetstream/api/api_call.h"
#include "engine/jetstream/jetstream.h"
#include "engine/message/recipient.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// Hears what one account asks of the API, and answers.
class ApiService final : public message::Recipient, public message::Publisher {
public:
    /// All outlive it.
    ApiService(JetStream& jetstream, account::Account& account);
    ~ApiService() override;

    ApiService(ApiService const&) = delete;
    ApiService& operator=(ApiService const&) = delete;

    /// Not while a message is handed out.
    void listen(std::span<ApiRoute const> routes);

    void send(ApiCall const& call, std::string const& text);

    /// Expires with it.
    std::weak_ptr<char const> life() const { return life_; }

    // message::Recipient
    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override;
    void finish(message::Subscription&) override {}

    // message::Recipient, message::Publisher
    std::uint64_t connection_id() const override { return 0; }

    // message::Publisher
    message::Recipient const* without_echo() const override { return nullptr; }
    void describe(event::ClientInfo& info) const override;
    void stall() override {}

private:
    void take(ApiRoute const& route, std::shared_ptr<ApiCall::Parts> const& parts);
    void refuse(ApiCall::Parts const& parts);
    void publish(std::string const& subject, Bytes payload);

    JetStream& jetstream_;
    account::Account& account_;
    std::map<subject::SubscriptionId, ApiRoute const*> routes_;
    std::size_t waiting_ = 0;  ///< Requests that have not been taken up.
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');  ///< For late tasks.
};

/// The API in all accounts of a server.
class Api {
public:
    using Routes = std::vector<std::span<ApiRoute const>>;

    /// Outlives it.
    explicit Api(JetStream& jetstream, Routes routes)
        : jetstream_(jetstream), routes_(std::move(routes)) {}

    /// Answers in each account that is there now, and no longer in those that are gone.
    void accounts_changed();

private:
    JetStream& jetstream_;
    Routes routes_;
    std::map<account::Account*, std::unique_ptr<ApiService>> services_;
};

}  // namespace signalbox::jetstream
