#pragma once

#include "engine/config/cluster_options.h"
#include "engine/permission/rule_book.h"

#include <memory>
#include <string_view>

namespace signalbox::cluster {

/// What passes between this server and the others of its cluster.
class RoutePermissions {
public:
    RoutePermissions() = default;
    explicit RoutePermissions(config::ClusterOptions const& options)
        : imports_(compile(options.imports)), exports_(compile(options.exports)) {}

    /// Whether the others are told that somebody here listens on this.
    bool imports(subject::Filter filter) const { return allows(imports_, filter); }
    /// Whether the others may listen on this.
    bool exports(subject::Filter filter) const { return allows(exports_, filter); }
    /// Whether one message may go to the others, to whom a wider filter was let in.
    bool exports_message(std::string_view subject) const { return passes(exports_, subject); }
    bool imports_message(std::string_view subject) const { return passes(imports_, subject); }

private:
    using BookPtr = std::shared_ptr<permission::RuleBook>;

    static BookPtr compile(std::optional<permission::SubjectRules> const& rules) {
        if (!rules) {
            return nullptr;
        }
        auto book = permission::RuleBook::compile({.publish = {}, .subscribe = *rules});
        return book.ok() ? std::move(book).value() : nullptr;
    }
    static bool allows(BookPtr const& book, subject::Filter filter) {
        return book == nullptr || book->rule_subscribe(filter, {}).allowed;
    }
    static bool passes(BookPtr const& book, std::string_view subject) {
        return book == nullptr || book->may_receive(subject, {}, permission::Screening::All);
    }

    BookPtr imports_;
    BookPtr exports_;
};

}  // namespace signalbox::cluster
