#pragma once

#include "engine/jetstream/stream/message_reader.h"
#include "engine/jetstream/stream/stream_surroundings.h"
#include "engine/message/recipient.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// Answers `$JS.API.DIRECT.GET.<stream>`: a stored message as it is, with headers that say where it
/// was, without JSON around it (ADR-31).
class DirectGet final : public message::Recipient, public message::Publisher {
public:
    DirectGet(StreamSurroundings const& around, store::StreamStore& store, MessageReader& reader)
        : around_(around), store_(store), reader_(reader) {}
    ~DirectGet() override { stop(); }

    DirectGet(DirectGet const&) = delete;
    DirectGet& operator=(DirectGet const&) = delete;

    /// Answers for the stream of that name until it is stopped; a mirror for its origin as well.
    /// Not while a message is handed out.
    void listen(std::string const& stream, std::string const& origin);
    void stop();

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
    struct Request {
        std::string reply;
        std::string stream;   ///< As it was asked for.
        std::string subject;  ///< Behind the stream's name; empty: the payload says what.
        std::string payload;
        std::string level;  ///< The API level that is demanded; empty: any.
    };
    struct Batch;

    void answer(Request const& request);
    void answer_one(Request const& request, MessageQuery const& query);
    void send_status(std::string const& reply, std::string_view status);
    void send(std::string const& reply, Bytes headers, Bytes payload);
    void begin_batch(std::shared_ptr<Batch> const& batch);
    void go_on(std::shared_ptr<Batch> const& batch);
    void begin_multi(std::shared_ptr<Batch> const& batch);
    void end_batch(Batch const& batch);
    void send_of_batch(Batch& batch, store::StoredMessage const& message);

    StreamSurroundings const& around_;
    store::StreamStore& store_;
    MessageReader& reader_;
    std::vector<subject::SubscriptionId> subscriptions_;
    std::string stream_;
    std::string origin_;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');  ///< For late tasks.
};

}  // namespace signalbox::jetstream
