#include "gui/models/account_text.h"

#include "gui/models/figures.h"

#include <QCoreApplication>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("account", text);
}

QString escaped(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toHtmlEscaped();
}

QString code(std::string_view text) {
    return QStringLiteral("<code>%1</code>").arg(escaped(text));
}

QString heading(QString const& text) {
    return QStringLiteral("<h4>%1</h4>").arg(text.toHtmlEscaped());
}

QString item(QString const& html) {
    return QStringLiteral("<p style='margin:2px 0 2px 8px'>%1</p>").arg(html);
}

QString none(QString const& text) {
    return item(QStringLiteral("<i>%1</i>").arg(text.toHtmlEscaped()));
}

QString row(QString const& name, QString const& value) {
    return QStringLiteral("<tr><td>%1&nbsp;&nbsp;&nbsp;</td><td align=right>%2</td></tr>")
        .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
}

QString limitText(std::int64_t limit) {
    return limit < 0 ? say("no limit") : exactCount(static_cast<quint64>(limit));
}

QString ageText(base::Duration duration) {
    return duration.count() < 0 ? say("never") : shortDuration(duration);
}

QString responseText(config::ResponseType type) {
    switch (type) {
        case config::ResponseType::Singleton:
            return say("one answer");
        case config::ResponseType::Stream:
            return say("any number of answers");
        case config::ResponseType::Chunked:
            return say("one answer in pieces");
    }
    return {};
}

QString kindText(config::ShareKind kind) {
    return kind == config::ShareKind::Stream ? say("stream") : say("service");
}

QString exportText(config::ExportOptions const& one) {
    QString text = QStringLiteral("%1 %2").arg(kindText(one.kind), code(one.subject));
    QStringList notes;
    if (one.kind == config::ShareKind::Service) {
        notes << responseText(one.response_type);
    }
    if (one.accounts_given) {
        QStringList names;
        for (std::string const& name : one.accounts) {
            names << escaped(name);
        }
        notes << (names.isEmpty() ? say("for nobody")
                                  : say("for %1").arg(names.join(QStringLiteral(", "))));
    } else {
        notes << say("for every account");
    }
    if (one.token_required) {
        notes << say("with an activation");
    }
    if (one.account_token_position > 0) {
        notes << say("the account is token %1").arg(one.account_token_position);
    }
    if (one.latency) {
        notes << say("latency told on %1, %2 %")
                     .arg(code(one.latency->subject))
                     .arg(one.latency->sampling);
    }
    return text + QStringLiteral(" — ") + notes.join(QStringLiteral(", "));
}

QString importText(config::ImportOptions const& one) {
    QString text =
        QStringLiteral("%1 %2 ← %3").arg(kindText(one.kind), code(one.subject), code(one.account));
    if (!one.to.empty()) {
        text += say(" as %1").arg(code(one.to));
    } else if (!one.prefix.empty()) {
        text += say(" below %1").arg(code(one.prefix));
    }
    if (one.share) {
        text += say(", tells who asks");
    }
    return text;
}

QString mappingText(config::MappingOptions const& one) {
    QStringList destinations;
    for (config::MappingDestination const& to : one.destinations) {
        QString text = code(to.subject);
        if (to.weight != 100) {
            text += QStringLiteral(" %1 %").arg(to.weight);
        }
        if (!to.cluster.empty()) {
            text += say(" in cluster %1").arg(escaped(to.cluster));
        }
        destinations << text;
    }
    return QStringLiteral("%1 → %2").arg(code(one.source), destinations.join(QStringLiteral(", ")));
}

template <class List, class Text>
QString list(QString const& title, List const& all, Text const& text, QString const& empty) {
    QString html = heading(title);
    for (auto const& one : all) {
        html += item(text(one));
    }
    return all.empty() ? html + none(empty) : html;
}

QString usageHtml(observe::AccountRow const& figures) {
    return QStringLiteral("<table>") +
           row(say("Connections now"), exactCount(figures.connections)) +
           row(say("Leaf nodes"), exactCount(figures.leaf_nodes)) +
           row(say("Connections ever"), exactCount(figures.total_connections)) +
           row(say("Subscriptions"), exactCount(figures.subscriptions)) +
           row(say("Slow consumers"), exactCount(figures.slow_consumers)) +
           row(say("Messages in"), exactCount(figures.in_msgs.total)) +
           row(say("Messages out"), exactCount(figures.out_msgs.total)) +
           row(say("Bytes in"), shortBytes(static_cast<double>(figures.in_bytes.total))) +
           row(say("Bytes out"), shortBytes(static_cast<double>(figures.out_bytes.total))) +
           QStringLiteral("</table>");
}

/// One list of rules, with the place of each.
class RuleWriter {
public:
    RuleWriter(Configuration const& configuration, AccountEntry const& account,
               UserEntry const& user)
        : configuration_(configuration), account_(account), user_(user) {}

    QString lists(QString const& title, permission::SubjectRules const& rules, RuleList allow,
                  RuleList deny) const {
        QString html = heading(title);
        if (rules.empty()) {
            return html + none(say("everything is allowed"));
        }
        if (rules.allow.empty()) {
            html += none(say("everything is allowed that is not denied"));
        }
        for (std::string const& rule : rules.allow) {
            html += line(say("✓ allow"), rule, allow);
        }
        for (std::string const& rule : rules.deny) {
            html += line(say("✗ deny"), rule, deny);
        }
        return html;
    }

private:
    QString line(QString const& verdict, std::string const& rule, RuleList list) const {
        QString html = QStringLiteral("%1 %2").arg(verdict, code(rule));
        auto const at = positionOfRule(configuration_, account_.name, user_.id, list, rule);
        if (at && at->file) {
            html += QStringLiteral(" &nbsp;<a href=\"line:%1:%2\">%3</a>")
                        .arg(escaped(*at->file))
                        .arg(at->line)
                        .arg(placeOfRule(configuration_, account_.name, user_.id, list, rule)
                                 .toHtmlEscaped());
        }
        return item(html);
    }

    Configuration const& configuration_;
    AccountEntry const& account_;
    UserEntry const& user_;
};

}  // namespace

QString accountHtml(Configuration const& /*configuration*/, AccountEntry const& account,
                    observe::AccountRow const* figures) {
    config::AccountOptions const& options = account.options;
    QString html = QStringLiteral("<h3>%1</h3>").arg(escaped(account.name));
    if (account.system) {
        html += item(say("The system account: servers tell what happens on subjects below $SYS."));
    }
    html += list(say("Exports"), options.exports, exportText, say("shares nothing"));
    html += list(say("Imports"), options.imports, importText, say("takes nothing"));
    html += list(say("Mappings"), options.mappings, mappingText, say("renames nothing"));
    html += heading(say("Limits")) + QStringLiteral("<table>") +
            row(say("Connections"), limitText(options.limits.max_connections)) +
            row(say("Leaf nodes"), limitText(options.limits.max_leafnodes)) +
            row(say("Subscriptions of one"), limitText(options.limits.max_subscriptions)) +
            row(say("Payload, bytes"), limitText(options.limits.max_payload)) +
            QStringLiteral("</table>");
    if (figures != nullptr) {
        html += heading(say("Use")) + usageHtml(*figures);
    }
    return html;
}

QString userHtml(Configuration const& configuration, AccountEntry const& account,
                 UserEntry const& user) {
    QString html = QStringLiteral("<h3>%1</h3>").arg(userText(user).toHtmlEscaped());
    html +=
        item(say("In the account %1, shown by %2.").arg(code(account.name), proofText(user.proof)));
    if (!user.connection_types.is_all()) {
        QStringList types;
        for (std::size_t i = 0; i < permission::kConnectionTypeNames.size(); ++i) {
            auto const type = static_cast<permission::ConnectionType>(i);
            if (user.connection_types.has(type)) {
                types << escaped(permission::text_of(type));
            }
        }
        html += item(say("Only by connections of kind %1.").arg(types.join(QStringLiteral(", "))));
    }
    if (!user.permissions) {
        return html + heading(say("Permissions")) +
               none(say("none are written: everything is allowed"));
    }
    if (user.rules == UserEntry::Rules::OfAccount) {
        html += item(say("It has no permissions of its own; those of the account hold."));
    }
    RuleWriter const rules(configuration, account, user);
    html += rules.lists(say("Publish"), user.permissions->publish, RuleList::PublishAllow,
                        RuleList::PublishDeny);
    html += rules.lists(say("Subscribe"), user.permissions->subscribe, RuleList::SubscribeAllow,
                        RuleList::SubscribeDeny);
    if (user.permissions->responses) {
        permission::ResponseRules const& responses = *user.permissions->responses;
        html += heading(say("Answers")) +
                item(say("to each request: %1, within %2")
                         .arg(responses.max < 0 ? say("any number")
                                                : exactCount(static_cast<quint64>(responses.max)),
                              ageText(responses.expires)));
    }
    return html;
}

QString figuresHtml(observe::AccountRow const& figures) {
    return QStringLiteral("<h3>%1</h3>").arg(escaped(figures.name)) + usageHtml(figures) +
           none(say("The configuration of this server cannot be seen from here, so neither can "
                    "its users and permissions."));
}

}  // namespace signalbox::gui
