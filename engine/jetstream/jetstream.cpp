#include "engine/jetstream/jetstream.h"

#include "engine/base/json_reader.h"
#include "engine/base/text.h"
#include "engine/jetstream/stream/config_rules.h"
#include "engine/jetstream/stream/json_fields.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {
namespace {

constexpr unsigned kDirectoryMode = 0700;
constexpr char kDefaultDirectory[] = "/tmp/nats";
/// What the reference takes where it cannot find out what the machine has.
constexpr std::uint64_t kDefaultMemory = std::uint64_t{256} << 20;
constexpr std::uint64_t kDefaultFiles = std::uint64_t{1} << 40;

BatchLimits batch_limits(config::JetStreamBatchLimits const& said) {
    BatchLimits limits;
    if (said.max_inflight_per_stream > 0) {
        limits.open = static_cast<std::size_t>(said.max_inflight_per_stream);
    }
    if (said.max_msgs > 0) {
        limits.messages = static_cast<std::size_t>(said.max_msgs);
    }
    if (said.timeout > Duration{0}) {
        limits.idle = said.timeout;
    }
    return limits;
}

consensus::StorageOptions storage_options(config::JetStreamOptions const& options) {
    return {.directory = JetStream::directory_of(options),
            .durability = options.sync_interval ? consensus::Durability::Relaxed
                                                : consensus::Durability::Synced,
            .sync_interval = options.sync_interval.value_or(base::minutes(2))};
}

/// What a stream cannot be here.
std::optional<ApiError> not_built(StreamConfig const& config) {
    auto const is_elsewhere = [](StreamSource const& source) {
        return source.external.has_value() || source.consumer.has_value();
    };
    bool const elsewhere = (config.mirror && is_elsewhere(*config.mirror)) ||
                           std::ranges::any_of(config.sources, is_elsewhere);
    char const* const what = elsewhere ? "copies of streams elsewhere"
                             : config.counter && !config.sources.empty() ? "counters of sources"
                             : config.allow_schedules                    ? "message schedules"
                             : config.allow_batched                      ? "batched publishing"
                                                                         : nullptr;
    return what == nullptr ? std::nullopt
                           : std::optional(api_error(ApiErrc::StreamInvalidConfig,
                                                     concat(what, " are not part of this build")));
}

/// What of a stream has to be known before its log is read.
struct Description {
    std::string account;
    WallTime created;
    StreamConfig config;
};

std::string write(Description const& description) {
    JsonWriter json;
    json.begin_object()
        .field("account", description.account)
        .field("created", description.created)
        .key("config");
    write(json, description.config);
    json.end_object();
    return json.take();
}

Result<Description> read_description(std::string const& text) {
    Json const json = TRY(Json::parse(text));
    Description description;
    JsonFields fields(json);
    fields.read("account", description.account);
    std::optional<WallTime> created;
    fields.read("created", created);
    TRY(fields.finish(false));
    description.created = created.value_or(WallTime());
    Json const* const config = json.find("config");
    if (config == nullptr) {
        return Error(Errc::Corrupt, "a stream without a configuration");
    }
    description.config = TRY(read_stream_request(*config, Fields::Loose)).config;
    return description;
}

consensus::StreamSettings settings_of(AccountStreams const& account, WallTime created,
                                      StreamConfig const& config) {
    return {.description = write(Description{account.account().name(), created, config}),
            .medium = config.memory ? store::Medium::Memory : store::Medium::File,
            .relaxed = config.persist_async};
}

}  // namespace

JetStream::JetStream(JetStreamParts parts)
    : parts_(std::move(parts)),
      advisor_(parts_.world, parts_.dispatcher),
      storage_(parts_.world, parts_.log, storage_options(parts_.options.jetstream)) {}

JetStream::~JetStream() = default;

std::string JetStream::directory_of(config::JetStreamOptions const& options) {
    return concat(options.store_dir.empty() ? kDefaultDirectory : options.store_dir, "/jetstream");
}

std::uint64_t JetStream::most(bool memory) const {
    std::int64_t const said = memory ? options().max_memory : options().max_file;
    if (said >= 0) {
        return static_cast<std::uint64_t>(said);
    }
    return memory ? kDefaultMemory : kDefaultFiles;
}

void JetStream::note(std::int64_t bytes, bool memory) {
    (memory ? used_.memory : used_.storage) += static_cast<std::uint64_t>(bytes);
}

std::uint64_t JetStream::reserved(bool memory) const {
    std::uint64_t sum = 0;
    for (auto const& [name, account] : accounts_) {
        RoomTaken const taken = account->reserved();
        sum += memory ? taken.memory : taken.storage;
    }
    return sum;
}

/// `$G` keeps messages when nobody says which accounts do.
bool JetStream::is_enabled(account::Account const& account) const {
    if (account.is_system()) {
        return false;
    }
    if (account.options().jetstream) {
        return true;
    }
    return account.name() == account::kGlobalAccount && !parts_.options.operators.enabled() &&
           std::ranges::all_of(parts_.accounts.all(), [](auto const& one) {
               return one->is_system() || one->name() == account::kGlobalAccount;
           });
}

AccountStreams* JetStream::find(std::string_view account) const {
    auto const found = accounts_.find(account);
    return found == accounts_.end() ? nullptr : found->second.get();
}

AccountStreams& JetStream::keeper_of(account::Account& account) {
    auto& keeper = accounts_[account.name()];
    if (!keeper) {
        keeper = std::make_unique<AccountStreams>(parts_, *this, account);
    }
    return *keeper;
}

void JetStream::make_directories(std::string path, std::size_t from, OnDone done) {
    std::size_t const slash = path.find('/', from);
    std::string const part = path.substr(0, slash);
    parts_.world.disk().make_directory(
        part, kDirectoryMode,
        [this, life = std::weak_ptr<char const>(life_), path = std::move(path), slash,
         done = std::move(done)](Result<void> result) {
            if (life.expired()) {
                return;
            }
            if (!result.ok() || slash == std::string::npos) {
                return done(std::move(result));
            }
            make_directories(path, slash + 1, done);
        });
}

void JetStream::start(OnDone done) {
    accounts_changed();
    auto const guarded = [life = std::weak_ptr<char const>(life_), done](auto step) {
        return [life, done, step](Result<void> result) {
            if (life.expired()) {
                return;
            }
            if (!result.ok()) {
                return done(std::move(result));
            }
            step();
        };
    };
    auto const replayed = guarded([this, done] {
        started_ = true;
        for (auto const& [name, account] : accounts_) {
            account->copies_changed();
        }
        done({});
    });
    auto const opened = guarded([this, replayed] {
        found();
        storage_.replay(replayed);
    });
    std::string const directory = directory_of(options());
    std::size_t const last = directory.rfind('/');
    make_directories(directory.substr(0, last), 1,
                     guarded([this, opened] { storage_.open(opened); }));
}

/// Each stream that was kept is one again, or waits until its account is known.
void JetStream::found() {
    for (auto const& [id, kept] : storage_.streams()) {
        if (!revive(*kept)) {
            homeless_.emplace(id, kept.get());
        }
    }
    for (auto const& [id, kept] : homeless_) {
        LOG(parts_.log, Warning, "stream of an account that keeps no messages is left alone: ",
            base::cut(kept->settings.description, 100));
    }
}

bool JetStream::revive(consensus::KeptStream& kept) {
    Result<Description> description = read_description(kept.settings.description);
    if (!description.ok()) {
        LOG(parts_.log, Error, "stream ", kept.id,
            " is left alone: ", description.error().detail());
        return false;
    }
    AccountStreams* const account = find(description.value().account);
    if (account == nullptr || account->find(description.value().config.name) != nullptr) {
        return false;
    }
    make(*account, std::move(description.value().config), kept, description.value().created, false);
    return true;
}

void JetStream::make(AccountStreams& account, StreamConfig config, consensus::KeptStream& kept,
                     WallTime created, bool is_new) {
    auto stream = std::make_unique<Stream>(
        StreamSurroundings{.world = parts_.world,
                           .log = parts_.log,
                           .dispatcher = parts_.dispatcher,
                           .account = account.account(),
                           .quota = account,
                           .make_consumers = parts_.make_consumers,
                           .advisor = advisor_,
                           .domain = options().domain,
                           .batch_limits = batch_limits(options().limits.batch)},
        kept, std::move(config), created, is_new);
    account.add(std::move(stream)).begin();
    if (started_) {
        account.copies_changed();
    }
}

void JetStream::accounts_changed() {
    if (stopped_) {
        return;
    }
    for (auto const& account : parts_.accounts.all()) {
        if (is_enabled(*account)) {
            keeper_of(*account).set_limits(
                account->options().jetstream.value_or(config::AccountJetStream()));
        }
    }
    if (started_) {
        std::erase_if(homeless_, [this](auto const& entry) { return revive(*entry.second); });
    }
}

std::optional<ApiError> JetStream::settle(AccountStreams& account, StreamConfig& config,
                                          bool pedantic, Stream const* existing) const {
    config::JetStreamTier const* const limits = account.tier(config.replicas);
    if (limits == nullptr) {
        return api_error(ApiErrc::NoLimits);
    }
    auto const look_up = [&account](std::string_view name) -> StreamConfig const* {
        Stream const* const stream = account.find(name);
        return stream == nullptr ? nullptr : &stream->config();
    };
    ConfigSurroundings const around{.longest_duplicate_window = options().limits.duplicate_window,
                                    .limits = *limits,
                                    .find = look_up};
    if (auto refusal = jetstream::settle(config, pedantic, around)) {
        return refusal;
    }
    if (config.replicas > 1) {
        return api_error(ApiErrc::StreamReplicasNotSupported);
    }
    if (auto refusal = not_built(config)) {
        return refusal;
    }
    if (existing != nullptr) {
        if (auto refusal = check_update(existing->config(), config)) {
            return refusal;
        }
    }
    return std::nullopt;
}

void JetStream::create(AccountStreams& account, StreamConfig config, OnStream done) {
    auto refusal = account.is_taken(config.subjects, config.name)
                       ? std::optional(api_error(ApiErrc::StreamSubjectOverlap))
                       : account.refusal_of_stream(config, nullptr);
    if (refusal) {
        return done(nullptr, std::move(refusal));
    }
    WallTime const created = parts_.world.clock().wall_now();
    std::string const name = config.name;
    auto const told = [life = std::weak_ptr<char const>(life_), &account, name,
                       done = std::move(done)](Result<void> const& result) {
        if (life.expired()) {
            return;
        }
        Stream* const stream = account.find(name);
        if (!result.ok() || stream == nullptr) {
            std::string const why = result.ok() ? "removed meanwhile" : result.error().detail();
            return done(nullptr, api_error(ApiErrc::StreamCreate, why));
        }
        done(stream, std::nullopt);
    };
    consensus::KeptStream& kept = storage_.create(settings_of(account, created, config), told);
    make(account, std::move(config), kept, created, true);
}

void JetStream::update(AccountStreams& account, Stream& stream, StreamConfig config,
                       OnStream done) {
    auto refusal = account.is_taken(config.subjects, config.name)
                       ? std::optional(api_error(ApiErrc::StreamSubjectOverlap))
                       : account.refusal_of_stream(config, &stream.config());
    if (refusal) {
        return done(nullptr, std::move(refusal));
    }
    std::string const name(stream.name());
    stream.update(config, [this, life = std::weak_ptr<char const>(life_), &account, name,
                           done = std::move(done)](Outcome const& outcome) {
        Stream* const updated = life.expired() ? nullptr : account.find(name);
        if (updated == nullptr || outcome.refused) {
            return done(nullptr,
                        outcome.refused ? outcome.refused : api_error(ApiErrc::StreamNotFound));
        }
        account.copies_changed();
        // The log has it; the description only helps the next start along.
        storage_.change(updated->id(), settings_of(account, updated->created(), updated->config()),
                        [](Result<void> const&) {});
        done(updated, std::nullopt);
    });
}

void JetStream::remove(AccountStreams& account, std::string_view name, OnDone done) {
    Stream* const stream = account.find(name);
    if (stream == nullptr) {
        return done(Error(Errc::NotFound, "stream not found"));
    }
    consensus::StreamId const id = stream->id();
    stream->close(ConsumerPart::Close::Deleted);
    account.remove(name);
    storage_.remove(id, std::move(done));
}

void JetStream::stop(std::function<void()> done) {
    stopped_ = true;
    for (auto const& [name, account] : accounts_) {
        account->close();
    }
    storage_.close([done = std::move(done)](Result<void> const&) { done(); });
}

}  // namespace signalbox::jetstream
