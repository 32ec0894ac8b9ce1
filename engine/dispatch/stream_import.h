#pragma once

#include "engine/account/account.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/message/recipient.h"
#include "engine/subject/renaming.h"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace signalbox::dispatch {

/// The messages of one account, heard in another.
///
/// Each subscription of the importing account that may hear some of them has a shadow in the
/// exporting one: a subscription of its own, with the same queue group, whose recipient is this. So
/// the exporter's index finds who listens elsewhere as it finds its own. Nothing goes on from the
/// importer to a third account.
class StreamImport final : public message::Recipient {
public:
    StreamImport(Dispatcher& dispatcher, account::Account& importer, account::Account& exporter,
                 config::ImportOptions options, subject::Renaming renaming);
    /// Takes its shadows out of the exporter.
    ~StreamImport() override;

    StreamImport(StreamImport const&) = delete;
    StreamImport& operator=(StreamImport const&) = delete;

    account::Account& importer() const { return importer_; }
    account::Account& exporter() const { return exporter_; }
    config::ImportOptions const& options() const { return options_; }
    subject::Renaming const& renaming() const { return renaming_; }

    /// One of the importer's came, or is about to go.
    void add(message::Subscription& origin);
    void remove(message::Subscription& origin);

    // message::Recipient
    message::Delivery deliver(message::Subscription& shadow,
                              message::MessageRun const& run) override;
    std::uint64_t connection_id() const override { return 0; }
    void finish(message::Subscription&) override {}

private:
    message::Delivery deliver_traced(message::Subscription& shadow, message::MessageRun& here);

    Dispatcher& dispatcher_;
    account::Account& importer_;
    account::Account& exporter_;
    config::ImportOptions options_;
    subject::Renaming renaming_;
    std::unordered_map<message::Subscription*, message::Subscription*> shadows_;
    std::string last_there_;  ///< The subject that was renamed last, and its name here.
    std::string last_here_;
};

}  // namespace signalbox::dispatch
