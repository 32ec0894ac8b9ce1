#include "engine/host/jetstream/jetstream_core.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/host/jetstream/json_fields.h"
#include "engine/host/jetstream/message_reader.h"
#include "engine/host/jetstream/object_transfer.h"
#include "engine/host/jetstream/stream_backup.h"
#include "engine/host/remote_documents.h"
#include "engine/host/remote_login.h"
#include "engine/protocol/client_writer.h"

#include <utility>

namespace signalbox::host {

namespace {

constexpr std::string_view kClientName = "signalbox workbench (JetStream)";

/// `err_code` of an account that has none.
constexpr std::int64_t kNotEnabledForAccount = 10'039;
constexpr std::int64_t kNotEnabled = 10'076;

std::string offset_body(std::size_t offset) {
    JsonWriter body;
    body.begin_object().field("offset", offset).end_object();
    return body.take();
}

JetStreamAnswer failed(Error error, std::int64_t code = 0) {
    return {.error = std::move(error), .api_code = code};
}

}  // namespace

bool is_change(JetStreamOrder const& order) {
    if (AskApi const* const ask = std::get_if<AskApi>(&order)) {
        return ask->act == AskApi::Act::Change;
    }
    return std::holds_alternative<StoreMessage>(order) ||
           std::holds_alternative<UploadObject>(order) ||
           std::holds_alternative<RestoreStream>(order);
}

JetStreamCore::JetStreamCore(World& world, JetStreamOptions options, JetStreamSink sink)
    : world_(world), options_(std::move(options)), sink_(std::move(sink)) {}

JetStreamCore::~JetStreamCore() {
    tasks_.clear();
    readers_.clear();
    last_readers_.clear();
}

void JetStreamCore::start() {
    Result<ServerUrls> urls = parse_server_urls(options_.server.server);
    if (!urls.ok()) {
        tell(JetStreamNews::State::Refused, urls.error().detail());
        return;
    }
    urls_ = std::move(urls).value();
    if (options_.trust_any_certificate) {
        begin({.verify = tls::Verify::Nothing});
        return;
    }
    read_trust(world_, options_.server,
               [this, alive = std::weak_ptr(alive_)](Result<tls::Settings> const& trusted) {
                   if (alive.expired()) {
                       return;
                   }
                   if (trusted.ok()) {
                       begin(trusted.value());
                   } else {
                       tell(JetStreamNews::State::Refused, trusted.error().detail());
                   }
               });
}

void JetStreamCore::begin(tls::Settings const& trusted) {
    client::ClientOptions options;
    options.servers = urls_.servers;
    options.name = kClientName;
    options.tls = client::ClientTls{.settings = trusted, .required = urls_.tls};
    RemoteIdentity const& who =
        options_.server.identity.empty() ? urls_.identity : options_.server.identity;
    log_in_as(world_, who, std::move(options),
              [this, alive = std::weak_ptr(alive_)](Result<client::ClientOptions> const& ready) {
                  if (alive.expired()) {
                      return;
                  }
                  if (ready.ok()) {
                      open(ready.value());
                  } else {
                      tell(JetStreamNews::State::Refused, ready.error().detail());
                  }
              });
}

void JetStreamCore::open(client::ClientOptions options) {
    client_ = std::make_unique<client::Client>(
        world_, std::move(options),
        client::Callbacks{.state = [this](client::State state,
                                          std::string_view detail) { changed(state, detail); },
                          .error = [this](std::string_view text) { refusal_ = text; }});
    asker_ = std::make_unique<JetStreamAsker>(world_, *client_);
    client_->connect();
}

void JetStreamCore::changed(client::State state, std::string_view detail) {
    std::string const why =
        detail.empty() ? std::string("the server closed the connection") : std::string(detail);
    switch (state) {
        case client::State::Idle:
        case client::State::Connecting:
            break;
        case client::State::Connected: {
            Result<Json> const info = Json::parse(client_->server_info());
            if (info.ok()) {
                news_.server_version = fields::text(&info.value(), "version");
                news_.server_name = fields::text(&info.value(), "server_name");
            }
            look_again();
            break;
        }
        case client::State::Waiting:
            tell(JetStreamNews::State::Lost, why);
            break;
        case client::State::Closed:
            tell(JetStreamNews::State::Refused, why);
            break;
    }
}

void JetStreamCore::look_again() {
    if (!client_ || client_->state() != client::State::Connected) {
        return;
    }
    if (news_.state != JetStreamNews::State::Available) {
        tell(JetStreamNews::State::Asking, {});
    }
    asker_->ask(
        "INFO", {},
        [this](ApiReply const& reply) {
            Result<AccountUse> const use = read_account_use(reply.json);
            if (use.ok()) {
                news_.api_level = use.value().api_level;
            }
            tell(JetStreamNews::State::Available, {});
        },
        [this](ApiFailure const& failure) {
            if (failure.code == kNotEnabledForAccount || failure.code == kNotEnabled) {
                tell(JetStreamNews::State::Absent,
                     concat("The server says: ", failure.error.detail(), "."));
            } else if (failure.error.code() == Errc::TimedOut && !refusal_.empty()) {
                tell(JetStreamNews::State::Absent, concat("The server says: ", refusal_, "."));
            } else if (failure.error.code() == Errc::Unavailable) {
                tell(JetStreamNews::State::Absent, "Nobody answers its API.");
            } else {
                tell(JetStreamNews::State::Absent, failure.error.detail());
            }
        });
}

void JetStreamCore::tell(JetStreamNews::State state, std::string note) {
    news_.state = state;
    news_.note = std::move(note);
    sink_.news(news_);
}

void JetStreamCore::run(std::uint64_t token, JetStreamOrder order) {
    if (is_change(order) && !options_.server.may_write) {
        answer(token, failed(Error(Errc::PermissionDenied, "this profile is for looking only")));
        return;
    }
    if (!client_ || client_->state() != client::State::Connected) {
        answer(token, failed(Error(Errc::Closed, "there is no connection to the server")));
        return;
    }
    refusal_.clear();
    std::visit([&](auto const& one) { run_one(token, one); }, order);
}

void JetStreamCore::cancel(std::uint64_t token) {
    std::size_t const found =
        tasks_.erase(token) + readers_.erase(token) + last_readers_.erase(token);
    if (found > 0) {
        answer(token, failed(Error(Errc::Closed, "given up")));
    }
}

void JetStreamCore::answer(std::uint64_t token, JetStreamAnswer answer) {
    answer.token = token;
    // A forbidden request is not answered: what the server said of it tells why.
    if (answer.error && answer.error->code() == Errc::TimedOut && !refusal_.empty()) {
        answer.error = Error(Errc::PermissionDenied, refusal_);
    }
    sink_.answer(std::move(answer));
}

JetStreamAsker::OnFailure JetStreamCore::failing(std::uint64_t token) {
    return [this, token](ApiFailure const& failure) {
        answer(token, failed(failure.error, failure.code));
    };
}

void JetStreamCore::run_one(std::uint64_t token, LookAtStreams const& /*order*/) {
    asker_->ask(
        "INFO", {},
        [this, token](ApiReply const& reply) {
            auto seen = std::make_shared<StreamsSeen>();
            if (Result<AccountUse> use = read_account_use(reply.json); use.ok()) {
                seen->account = std::move(use).value();
            }
            list_streams(token, std::move(seen));
        },
        failing(token));
}

void JetStreamCore::list_streams(std::uint64_t token, std::shared_ptr<StreamsSeen> seen) {
    asker_->ask(
        "STREAM.LIST", offset_body(seen->streams.rows.size()),
        [this, token, seen](ApiReply const& reply) {
            Result<FactsPage<StreamFacts>> page = read_stream_page(reply.json);
            if (!page.ok()) {
                answer(token, failed(page.error()));
                return;
            }
            auto& rows = seen->streams.rows;
            std::ranges::move(page.value().rows, std::back_inserter(rows));
            std::ranges::move(page.value().missing, std::back_inserter(seen->streams.missing));
            seen->streams.total = page.value().total;
            if (page.value().rows.empty() || rows.size() >= seen->streams.total) {
                answer(token, {.what = std::move(*seen)});
                return;
            }
            sink_.progress({.token = token, .done = rows.size(), .total = seen->streams.total});
            list_streams(token, seen);
        },
        failing(token));
}

void JetStreamCore::run_one(std::uint64_t token, LookAtConsumers const& order) {
    list_consumers(token, order.stream, std::make_shared<FactsPage<ConsumerFacts>>());
}

void JetStreamCore::list_consumers(std::uint64_t token, std::string stream,
                                   std::shared_ptr<FactsPage<ConsumerFacts>> page) {
    asker_->ask(
        concat("CONSUMER.LIST.", stream), offset_body(page->rows.size()),
        [this, token, stream, page](ApiReply const& reply) {
            Result<FactsPage<ConsumerFacts>> more = read_consumer_page(reply.json);
            if (!more.ok()) {
                answer(token, failed(more.error()));
                return;
            }
            std::ranges::move(more.value().rows, std::back_inserter(page->rows));
            std::ranges::move(more.value().missing, std::back_inserter(page->missing));
            page->total = more.value().total;
            if (more.value().rows.empty() || page->rows.size() >= page->total) {
                answer(token, {.what = std::move(*page)});
            } else {
                list_consumers(token, stream, page);
            }
        },
        failing(token));
}

void JetStreamCore::run_one(std::uint64_t token, LookAtSubjects const& order) {
    list_subjects(token, order, std::make_shared<SubjectsSeen>());
}

void JetStreamCore::list_subjects(std::uint64_t token, LookAtSubjects order,
                                  std::shared_ptr<SubjectsSeen> seen) {
    JsonWriter body;
    body.begin_object().field("subjects_filter", order.filter.empty() ? ">" : order.filter);
    body.field("offset", seen->subjects.size()).end_object();
    asker_->ask(
        concat("STREAM.INFO.", order.stream), body.text(),
        [this, token, order, seen](ApiReply const& reply) {
            Json const* const found = fields::find(reply.json.find("state"), "subjects");
            std::size_t const before = seen->subjects.size();
            if (found != nullptr && found->as_object() != nullptr) {
                for (auto const& [subject, count] : *found->as_object()) {
                    auto const number = count.as_int().value_or(0);
                    seen->subjects.emplace_back(subject, static_cast<std::uint64_t>(number));
                }
            }
            seen->total =
                std::max<std::uint64_t>(fields::count(&reply.json, "total"), seen->subjects.size());
            bool const all = seen->subjects.size() >= seen->total ||
                             seen->subjects.size() >= order.limit ||
                             seen->subjects.size() == before;
            if (!all) {
                list_subjects(token, order, seen);
                return;
            }
            if (seen->subjects.size() > order.limit) {
                seen->subjects.resize(order.limit);
            }
            std::ranges::sort(seen->subjects);
            answer(token, {.what = std::move(*seen)});
        },
        failing(token), base::seconds(20));
}

void JetStreamCore::run_one(std::uint64_t token, ReadMessages const& order) {
    auto& reader = readers_[token];
    reader = std::make_unique<MessageReader>(
        *asker_, order.range, [this, token](Result<MessagesRead> const& read) {
            readers_.erase(token);
            answer(token, read.ok() ? JetStreamAnswer{.what = read.value()} : failed(read.error()));
        });
    reader->start();
}

void JetStreamCore::run_one(std::uint64_t token, ReadLast const& order) {
    auto& reader = last_readers_[token];
    reader =
        std::make_unique<LastReader>(*asker_, order, [this, token](Result<LastRead> const& read) {
            last_readers_.erase(token);
            answer(token, read.ok() ? JetStreamAnswer{.what = read.value()} : failed(read.error()));
        });
    reader->start();
}

void JetStreamCore::run_one(std::uint64_t token, AskApi const& order) {
    asker_->ask(
        order.subject, order.body,
        [this, token](ApiReply const& reply) { answer(token, {.what = ApiDocument{reply.text}}); },
        failing(token), order.timeout);
}

void JetStreamCore::run_one(std::uint64_t token, StoreMessage const& order) {
    std::string const headers = protocol::header_block(order.headers);
    asker_->store(
        {.subject = order.subject, .headers = headers, .payload = order.payload},
        [this, token](StoredAt const& at) { answer(token, {.what = at}); }, failing(token));
}

template <class Task, class Order>
void JetStreamCore::run_task(std::uint64_t token, Order const& order) {
    auto& task = tasks_[token];
    task = std::make_unique<Task>(
        *asker_, order,
        TaskSink{.done =
                     [this, token, alive = std::weak_ptr(alive_)](JetStreamAnswer came) {
                         // One that was given up was answered already.
                         if (!alive.expired() && tasks_.erase(token) > 0) {
                             answer(token, std::move(came));
                         }
                     },
                 .progress =
                     [this, token](std::uint64_t done, std::uint64_t total) {
                         sink_.progress({.token = token, .done = done, .total = total});
                     }});
    task->start();
}

void JetStreamCore::run_one(std::uint64_t token, UploadObject const& order) {
    run_task<ObjectUpload>(token, order);
}

void JetStreamCore::run_one(std::uint64_t token, DownloadObject const& order) {
    run_task<ObjectDownload>(token, order);
}

void JetStreamCore::run_one(std::uint64_t token, BackUpStream const& order) {
    run_task<StreamBackup>(token, order);
}

void JetStreamCore::run_one(std::uint64_t token, RestoreStream const& order) {
    run_task<StreamRestore>(token, order);
}

}  // namespace signalbox::host
