#pragma once

#include "engine/consensus/storage.h"
#include "engine/jetstream/account_streams.h"
#include "engine/jetstream/jetstream_parts.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// The streams of all accounts of one server: found at its start, made, changed and removed.
class JetStream final : public ServerRoom {
public:
    using OnDone = std::function<void(Result<void>)>;
    /// `stream` is null when `error` says why there is none.
    using OnStream = std::function<void(Stream* stream, std::optional<ApiError> error)>;
    using Accounts = std::map<std::string, std::unique_ptr<AccountStreams>, std::less<>>;

    explicit JetStream(JetStreamParts parts);
    ~JetStream() override;

    JetStream(JetStream const&) = delete;
    JetStream& operator=(JetStream const&) = delete;

    /// Where its files are.
    static std::string directory_of(config::JetStreamOptions const& options);

    /// Finds and replays all that was kept. Never answers from within this call; once.
    void start(OnDone done);
    /// Lets go of everyone and brings what is kept to the disk.
    void stop(std::function<void()> done);

    /// Accounts, or their limits, are others than before.
    void accounts_changed();

    /// Whether an account may keep messages.
    bool is_enabled(account::Account const& account) const;
    /// Of an account that may; null: it may not.
    AccountStreams* find(std::string_view account) const;
    Accounts const& accounts() const { return accounts_; }

    /// Judges the configuration with what is there, and puts in what was not said.
    std::optional<ApiError> settle(AccountStreams& account, StreamConfig& config, bool pedantic,
                                   Stream const* existing) const;

    /// A settled configuration becomes a stream; the answer comes once it is there for good.
    void create(AccountStreams& account, StreamConfig config, OnStream done);
    void update(AccountStreams& account, Stream& stream, StreamConfig config, OnStream done);
    /// Answers once it will not be there after a restart.
    void remove(AccountStreams& account, std::string_view name, OnDone done);

    config::JetStreamOptions const& options() const { return parts_.options.jetstream; }
    JetStreamParts const& parts() const { return parts_; }
    Advisor& advisor() { return advisor_; }
    bool started() const { return started_; }
    consensus::StorageHealth health() const { return storage_.health(); }

    std::uint64_t most(bool memory) const override;
    std::uint64_t used(bool memory) const override { return memory ? used_.memory : used_.storage; }
    void note(std::int64_t bytes, bool memory) override;
    std::uint64_t reserved(bool memory) const override;

private:
    void make_directories(std::string path, std::size_t from, OnDone done);
    void found();
    bool revive(consensus::KeptStream& kept);
    void make(AccountStreams& account, StreamConfig config, consensus::KeptStream& kept,
              WallTime created, bool is_new);
    AccountStreams& keeper_of(account::Account& account);

    JetStreamParts parts_;
    Advisor advisor_;
    consensus::Storage storage_;
    RoomTaken used_;
    Accounts accounts_;
    std::map<consensus::StreamId, consensus::KeptStream*> homeless_;  ///< Of unknown accounts.
    bool started_ = false;
    bool stopped_ = false;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');  ///< For late answers.
};

}  // namespace signalbox::jetstream
