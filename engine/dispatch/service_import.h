#pragma once

#include "engine/account/account.h"
#include "engine/dispatch/crossing.h"
#include "engine/dispatch/service_reply.h"
#include "engine/subject/renaming.h"

#include <cstdint>
#include <string>

namespace signalbox::dispatch {

/// Who asks whom for what, and by which export he may; copies, for both may change with a reload.
struct ServiceLink {
    account::Account& importer;
    account::Account& exporter;
    config::ImportOptions import;
    config::ExportOptions share;
};

/// The service of one account, asked from another: the request is published there, with a reply
/// subject that leads back, and with a header that says who asks.
class ServiceImport final : public Crossing {
public:
    ServiceImport(Dispatcher& dispatcher, ServiceReplies& replies, ServiceLink link,
                  subject::Renaming renaming);
    ~ServiceImport() override;

    ServiceImport(ServiceImport const&) = delete;
    ServiceImport& operator=(ServiceImport const&) = delete;

    account::Account& importer() const { return importer_; }
    account::Account& exporter() const { return exporter_; }
    config::ImportOptions const& options() const { return options_; }
    config::ExportOptions const& share() const { return share_; }
    subject::Renaming const& renaming() const { return renaming_; }

    std::uint64_t cross(message::MessageRun const& run, message::Publisher& publisher) override;

private:
    event::ClientInfo requester(message::MessageRun const& run,
                                message::Publisher const& publisher) const;
    event::ClientInfo described(message::Publisher const& publisher) const;
    std::uint64_t ask(subject::PublishSubject there, message::MessageView const& message,
                      message::Passage const& passage, MessageTrace* trace,
                      message::Publisher& publisher);
    std::string headers_for(message::MessageView const& message, message::Passage const& passage,
                            MessageTrace const* trace);

    ServiceReplies& replies_;
    account::Account& importer_;
    account::Account& exporter_;
    config::ImportOptions options_;
    config::ExportOptions share_;
    subject::Renaming renaming_;
    message::Subscription* subscription_;
};

}  // namespace signalbox::dispatch
