#pragma once

#include "engine/client/client.h"
#include "engine/host/jetstream/jetstream_asker.h"
#include "engine/host/jetstream/jetstream_task.h"
#include "engine/host/remote_options.h"
#include "engine/tls/settings.h"
#include "engine/world/world.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::host {

class LastReader;
class MessageReader;

/// Which account's streams are looked at, and by whom.
struct JetStreamOptions {
    RemoteOptions server;  ///< Its `may_write` allows orders that change something.
    /// A server of this process need not prove who it is.
    bool trust_any_certificate = false;
};

/// How it stands with JetStream, for a person.
struct JetStreamNews {
    enum class State {
        Connecting,
        Asking,  ///< Whether there is any.
        Available,
        Absent,   ///< Of the account, or of the server.
        Lost,     ///< The connection; it is tried again.
        Refused,  ///< It will not be tried again.
    };
    State state = State::Connecting;
    std::string note;  ///< A sentence; empty: all is well.
    std::string server_version;
    std::string server_name;
    std::int64_t api_level = 0;

    friend bool operator==(JetStreamNews const&, JetStreamNews const&) = default;
};

/// Who is told, on the thread of the core.
struct JetStreamSink {
    std::function<void(JetStreamNews const&)> news;
    std::function<void(JetStreamAnswer)> answer;
    std::function<void(JetStreamProgress)> progress;
};

/// Carries out orders about the streams of one account, over a client connection of its own, so
/// that a large transfer holds nothing else up. Belongs to one thread.
class JetStreamCore {
public:
    JetStreamCore(World& world, JetStreamOptions options, JetStreamSink sink);
    ~JetStreamCore();

    JetStreamCore(JetStreamCore const&) = delete;
    JetStreamCore& operator=(JetStreamCore const&) = delete;

    void start();
    /// Asks anew whether there is JetStream.
    void look_again();
    /// Errors, of the answer: PermissionDenied (it is looked at only), Unavailable, and those of
    /// the parts.
    void run(std::uint64_t token, JetStreamOrder order);
    /// Gives it up; it is answered with Closed.
    void cancel(std::uint64_t token);

private:
    void begin(tls::Settings const& trusted);
    void open(client::ClientOptions options);
    void changed(client::State state, std::string_view detail);
    void tell(JetStreamNews::State state, std::string note);

    void run_one(std::uint64_t token, LookAtStreams const& order);
    void run_one(std::uint64_t token, LookAtConsumers const& order);
    void run_one(std::uint64_t token, LookAtSubjects const& order);
    void run_one(std::uint64_t token, ReadMessages const& order);
    void run_one(std::uint64_t token, ReadLast const& order);
    void run_one(std::uint64_t token, AskApi const& order);
    void run_one(std::uint64_t token, StoreMessage const& order);
    void run_one(std::uint64_t token, UploadObject const& order);
    void run_one(std::uint64_t token, DownloadObject const& order);
    void run_one(std::uint64_t token, BackUpStream const& order);
    void run_one(std::uint64_t token, RestoreStream const& order);

    void list_streams(std::uint64_t token, std::shared_ptr<StreamsSeen> seen);
    void list_consumers(std::uint64_t token, std::string stream,
                        std::shared_ptr<FactsPage<ConsumerFacts>> page);
    void list_subjects(std::uint64_t token, LookAtSubjects order,
                       std::shared_ptr<SubjectsSeen> seen);

    template <class Task, class Order>
    void run_task(std::uint64_t token, Order const& order);

    void answer(std::uint64_t token, JetStreamAnswer answer);
    JetStreamAsker::OnFailure failing(std::uint64_t token);

    World& world_;
    JetStreamOptions const options_;
    JetStreamSink const sink_;
    ServerUrls urls_;
    JetStreamNews news_;
    std::unique_ptr<client::Client> client_;
    std::unique_ptr<JetStreamAsker> asker_;
    std::map<std::uint64_t, std::unique_ptr<JetStreamTask>> tasks_;
    std::map<std::uint64_t, std::unique_ptr<MessageReader>> readers_;
    std::map<std::uint64_t, std::unique_ptr<LastReader>> last_readers_;
    std::string refusal_;  ///< What the server had against the last thing sent.
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::host
