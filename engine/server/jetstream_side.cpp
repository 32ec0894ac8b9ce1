#include "engine/server/jetstream_side.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/jetstream/api/consumer_api.h"
#include "engine/jetstream/consumer/consumers.h"

#include <utility>
#include <vector>

namespace signalbox::server {
namespace {

/// In a domain its streams are reached under its name as well: by the API, and the buckets that
/// clients write to.
std::vector<config::MappingOptions> domain_mappings(std::string const& domain) {
    std::vector<config::MappingOptions> mappings;
    if (domain.empty()) {
        return mappings;
    }
    auto const add = [&](std::string const& tail, std::string const& subject) {
        mappings.push_back({.source = concat("$JS.", domain, ".API.", tail),
                            .destinations = {{.subject = subject}}});
    };
    for (char const* const part :
         {"INFO", "STREAM.>", "CONSUMER.>", "DIRECT.>", "META.>", "SERVER.>", "ACCOUNT.>"}) {
        add(part, concat("$JS.API.", part));
    }
    add("$KV.>", "$KV.>");
    add("$OBJ.>", "$OBJ.>");
    return mappings;
}

}  // namespace

void JetStreamSide::start(std::function<void(Result<void>)> next) {
    config::JetStreamOptions const& options = state_.options().jetstream;
    if (!options.enabled) {
        state_.world().turn().defer([next = std::move(next)] { next({}); });
        return;
    }
    LOG(log_, Notice, "Starting JetStream");
    if (options.store_dir.empty()) {
        LOG(log_, Warning, "Temporary storage directory used, data could be lost on system reboot");
    }
    if (options.sync_interval) {
        LOG(log_, Warning,
            "JetStream acknowledges before data is on stable storage: a crash of "
            "the machine loses up to ",
            base::duration_text(*options.sync_interval), " of it");
    }
    jetstream_ = std::make_unique<jetstream::JetStream>(jetstream::JetStreamParts{
        .world = state_.world(),
        .log = log_,
        .accounts = state_.accounts(),
        .dispatcher = dispatcher_,
        .options = state_.options(),
        .make_consumers =
            [](jetstream::ConsumerHost& host) -> std::unique_ptr<jetstream::ConsumerPart> {
            return std::make_unique<jetstream::Consumers>(host);
        },
        .server_name = state_.identity().name});
    api_ = std::make_unique<jetstream::Api>(
        *jetstream_,
        jetstream::Api::Routes{jetstream::account_routes(), jetstream::stream_routes(),
                               jetstream::message_routes(), jetstream::consumer_routes()});
    jetstream_->start([this, next = std::move(next)](Result<void> result) {
        if (!result.ok()) {
            return next(Error(result.error().code(),
                              concat("Can't start JetStream: ", result.error().detail())));
        }
        accounts_changed();
        LOG(log_, Notice, "JetStream keeps its files in ",
            jetstream::JetStream::directory_of(state_.options().jetstream));
        next({});
    });
}

void JetStreamSide::stop(std::function<void()> done) {
    if (!jetstream_) {
        return done();
    }
    api_.reset();
    jetstream_->stop(std::move(done));
}

void JetStreamSide::accounts_changed() {
    if (!jetstream_ || !api_) {
        return;
    }
    jetstream_->accounts_changed();
    auto const mappings = domain_mappings(state_.options().jetstream.domain);
    for (auto const& account : state_.accounts().all()) {
        account->map_always(
            jetstream_->is_enabled(*account) ? mappings : std::vector<config::MappingOptions>());
    }
    if (jetstream_->started()) {
        api_->accounts_changed();
    }
}

void JetStreamSide::introduce(protocol::Info& info) const {
    config::JetStreamOptions const& options = state_.options().jetstream;
    info.jetstream = options.enabled;
    info.domain = options.domain;
    info.api_level = options.enabled ? jetstream::kApiLevel : 0;
}

}  // namespace signalbox::server
