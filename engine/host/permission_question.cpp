#include "engine/host/permission_question.h"

#include "engine/base/text.h"
#include "engine/permission/authorizer.h"
#include "engine/permission/rule_book.h"
#include "engine/subject/subject.h"

#include <utility>

namespace signalbox::host {
namespace {

using permission::Permissions;
using permission::RuleBook;
using permission::Ruling;
using subject::Filter;
using Act = PermissionQuestion::Act;
using Reason = PermissionAnswer::Reason;

bool is_a_subject(PermissionQuestion const& question) {
    // A published subject may be any text without blanks, but one with wildcards reaches nobody.
    if (question.act == Act::Publish) {
        auto const subject = subject::PublishSubject::parse(question.subject);
        return subject.ok() && !question.subject.empty();
    }
    return Filter::parse(question.subject).ok();
}

Ruling ruling(RuleBook const& book, PermissionQuestion const& question) {
    return question.act == Act::Publish
               ? book.rule_publish(question.subject)
               : book.rule_subscribe(Filter::from_checked(question.subject), question.queue);
}

/// What a book of that one line says. A line that cannot be read speaks of nothing.
bool says(permission::SubjectRules rules, PermissionQuestion const& question, bool allowed) {
    Permissions single;
    (question.act == Act::Publish ? single.publish : single.subscribe) = std::move(rules);
    auto const book = RuleBook::compile(single);
    return book.ok() && ruling(*book.value(), question).allowed == allowed;
}

void collect_lines(permission::SubjectRules const& rules, PermissionQuestion const& question,
                   PermissionAnswer& answer) {
    for (std::string const& line : rules.allow) {
        if (says({.allow = {line}, .deny = {}}, question, true)) {
            answer.allow.push_back(line);
        }
    }
    for (std::string const& line : rules.deny) {
        if (says({.allow = {}, .deny = {line}}, question, false)) {
            answer.deny.push_back(line);
        }
    }
}

/// Closed or open to all, whatever is written.
bool open_to_all(PermissionQuestion const& question) {
    permission::Authorizer authorizer(question.in_system_account);
    return question.act == Act::Publish
               ? authorizer.may_publish(subject::PublishSubject::from_token(question.subject),
                                        Instant())
               : authorizer.may_subscribe(Filter::from_checked(question.subject), question.queue);
}

/// The line that a ruling names, without its quotes.
std::string deciding_line(Ruling const& decision, PermissionAnswer const& answer) {
    for (std::string const& line : decision.allowed ? answer.allow : answer.deny) {
        if (decision.by.ends_with(concat(" ", base::quoted(line)))) {
            return line;
        }
    }
    return {};
}

Reason reason_of(permission::SubjectRules const& rules, PermissionAnswer const& answer,
                 Permissions const& permissions, Act act) {
    if (!answer.deny.empty()) {
        return Reason::Denied;
    }
    if (answer.allowed) {
        return rules.allow.empty() ? Reason::NotDenied : Reason::Allowed;
    }
    bool const answers = act == Act::Publish && rules.allow.empty() && permissions.responses;
    return answers ? Reason::AnswersOnly : Reason::NotAllowed;
}

}  // namespace

PermissionAnswer ask_permission(Permissions const* permissions,
                                PermissionQuestion const& question) {
    PermissionAnswer answer;
    if (!is_a_subject(question)) {
        answer.reason = Reason::NotASubject;
        return answer;
    }
    if (!open_to_all(question)) {
        answer.reason = Reason::Reserved;
        return answer;
    }
    if (permissions == nullptr) {
        answer.allowed = true;
        return answer;
    }
    auto const compiled = RuleBook::compile(*permissions);
    if (!compiled.ok()) {
        answer.reason = Reason::NotAllowed;
        return answer;
    }
    RuleBook const& book = *compiled.value();
    permission::SubjectRules const& rules =
        question.act == Act::Publish ? permissions->publish : permissions->subscribe;
    collect_lines(rules, question, answer);
    Ruling const decision = ruling(book, question);
    answer.allowed = decision.allowed;
    answer.reason = reason_of(rules, answer, *permissions, question.act);
    answer.by = deciding_line(decision, answer);
    answer.screened = answer.allowed && question.act == Act::Subscribe &&
                      book.screening(Filter::from_checked(question.subject), question.queue) !=
                          permission::Screening::None;
    return answer;
}

}  // namespace signalbox::host
