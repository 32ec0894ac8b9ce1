#include "engine/dispatch/internal_client.h"

#include "engine/event/client_info.h"
#include "engine/message/built_message.h"

#include <utility>

namespace signalbox::dispatch {

InternalClient::InternalClient(world::Turn& turn, Dispatcher& dispatcher, account::Account& account)
    : turn_(turn), dispatcher_(dispatcher), account_(account) {}

InternalClient::~InternalClient() {
    *alive_ = false;
    while (!callbacks_.empty()) {
        unsubscribe(callbacks_.begin()->first);
    }
}

subject::SubscriptionId InternalClient::subscribe(std::string_view filter, std::string_view queue,
                                                  OnMessage on_message) {
    message::Subscription const& kept =
        dispatcher_.subscribe(account_, {.recipient = this,
                                         .filter = std::string(filter),
                                         .queue = std::string(queue),
                                         .sid = std::to_string(next_sid_++)});
    callbacks_.emplace(kept.id, std::make_shared<OnMessage const>(std::move(on_message)));
    return kept.id;
}

void InternalClient::unsubscribe(subject::SubscriptionId id) {
    if (callbacks_.erase(id) == 0) {
        return;
    }
    if (message::Subscription* const subscription = account_.find(id)) {
        dispatcher_.unsubscribe(account_, *subscription);
    }
}

void InternalClient::finish(message::Subscription& subscription) {
    unsubscribe(subscription.id);
}

message::Delivery InternalClient::deliver(message::Subscription& subscription,
                                          message::MessageRun const& run) {
    if (received_.empty()) {
        turn_.defer([this, alive = alive_] {
            if (*alive) {
                hand_over();
            }
        });
    }
    for (message::MessageView const& message : run.messages) {
        received_.push_back({.subscription = subscription.id,
                             .connection = run.publisher->connection_id(),
                             .subject = std::string(run.subject.text()),
                             .reply = std::string(message.reply),
                             .headers = std::string(message.headers),
                             .payload = std::string(message.payload)});
    }
    return {.taken = static_cast<std::uint32_t>(run.messages.size())};
}

void InternalClient::hand_over() {
    // What a callback causes to come is for the next turn.
    auto const alive = alive_;
    for (ReceivedMessage const& message : std::exchange(received_, {})) {
        auto const found = callbacks_.find(message.subscription);
        if (found == callbacks_.end()) {
            continue;
        }
        // The callback may end the subscription, and with it itself, or this client.
        std::shared_ptr<OnMessage const> const callback = found->second;
        (*callback)(message);
        if (!*alive) {
            return;
        }
    }
}

void InternalClient::publish(OutgoingMessage message, OnPublished done) {
    turn_.defer([this, alive = alive_, message = std::move(message), done = std::move(done)] {
        if (*alive) {
            send(message, done);
        }
    });
}

void InternalClient::describe(event::ClientInfo& info) const {
    info.account = account_.name();
    info.kind = account_.is_system() ? "System" : "Account";
    info.client_type.clear();
}

void InternalClient::send(OutgoingMessage const& message, OnPublished const& done) {
    message::BuiltMessage const built(message.reply, message.headers, message.payload);
    std::uint64_t const deliveries = dispatcher_.publish(
        account_, built.run(subject::PublishSubject::from_token(message.subject)), *this);
    if (done) {
        done(deliveries);
    }
}

}  // namespace signalbox::dispatch
