#include "gui/models/jetstream/stream_text.h"

#include "gui/models/figures.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonValue>

#include <array>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("stream", text);
}

struct Unit {
    char const* name;
    qint64 size;
};

constexpr std::array<Unit, 4> kSpans{{{"d", 86'400}, {"h", 3'600}, {"min", 60}, {"s", 1}}};
constexpr std::array<Unit, 9> kAmounts{{{"ti", qint64{1} << 40},
                                        {"gi", qint64{1} << 30},
                                        {"mi", qint64{1} << 20},
                                        {"ki", qint64{1} << 10},
                                        {"t", 1'000'000'000'000},
                                        {"g", 1'000'000'000},
                                        {"m", 1'000'000},
                                        {"k", 1'000},
                                        {"", 1}}};

QString htmlRow(QString const& name, QString const& value) {
    return QStringLiteral("<tr><td style='padding:1px 12px 1px 0'>%1</td><td>%2</td></tr>")
        .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
}

QString amountOr(std::int64_t amount, QString const& none) {
    return amount < 0 ? none : exactCount(static_cast<quint64>(amount));
}

QStringList textsIn(QJsonObject const& object, QString const& key) {
    QStringList all;
    for (QJsonValue const& one : object.value(key).toArray()) {
        all << one.toString();
    }
    return all;
}

/// A limit of which zero and less mean none.
qint64 limitIn(QJsonObject const& object, char const* key) {
    qint64 const value = object.value(QLatin1String(key)).toInteger(-1);
    return value <= 0 ? -1 : value;
}

/// Whether the limit became narrower.
bool isLower(qint64 before, qint64 after) {
    return after > 0 && (before < 0 || after < before);
}

void addDeletes(Consequences& all, QJsonObject const& before, QJsonObject const& after,
                host::StreamState const& state, base::WallTime now) {
    qint64 const messages = limitIn(after, "max_msgs");
    if (messages > 0 && static_cast<quint64>(messages) < state.messages) {
        all.deletes << say("Deletes the oldest %1 of %2 messages at once.")
                           .arg(exactCount(state.messages - static_cast<quint64>(messages)),
                                exactCount(state.messages));
    }
    qint64 const bytes = limitIn(after, "max_bytes");
    if (bytes > 0 && static_cast<quint64>(bytes) < state.bytes) {
        all.deletes << say("Deletes the oldest messages at once, about %1 of %2.")
                           .arg(shortBytes(static_cast<double>(state.bytes) -
                                           static_cast<double>(bytes)),
                                shortBytes(static_cast<double>(state.bytes)));
    }
    qint64 const age = limitIn(after, "max_age");
    if (isLower(limitIn(before, "max_age"), age) && state.messages > 0) {
        base::WallTime const cut = now + base::Duration(-age);
        if (state.last_time < cut) {
            all.deletes << say("Deletes all %1 messages at once: the newest is from %2.")
                               .arg(exactCount(state.messages), dateText(state.last_time));
        } else if (state.first_time < cut) {
            all.deletes << say("Deletes every message from before %1 at once; the oldest is from "
                               "%2.")
                               .arg(dateText(cut), dateText(state.first_time));
        }
    }
    qint64 const each = limitIn(after, "max_msgs_per_subject");
    if (isLower(limitIn(before, "max_msgs_per_subject"), each) && state.messages > 0) {
        all.deletes << say("Keeps only the newest %1 messages of each subject; at most %2 stay.")
                           .arg(exactCount(static_cast<quint64>(each)),
                                exactCount(std::min<quint64>(
                                    state.messages, state.subjects * static_cast<quint64>(each))));
    }
}

void addRefused(Consequences& all, QJsonObject const& before, QJsonObject const& after) {
    for (char const* const key : {"name", "storage"}) {
        if (before.value(QLatin1String(key)) != after.value(QLatin1String(key))) {
            all.refused << say("The %1 of a stream cannot be changed.").arg(QLatin1String(key));
        }
    }
    for (char const* const key : {"sealed", "deny_delete", "deny_purge", "allow_msg_ttl"}) {
        if (before.value(QLatin1String(key)).toBool() &&
            !after.value(QLatin1String(key)).toBool()) {
            all.refused << say("%1 cannot be taken back.").arg(QLatin1String(key));
        }
    }
    QString const was = before.value(QStringLiteral("retention")).toString();
    QString const becomes = after.value(QStringLiteral("retention")).toString();
    bool const work = was == QLatin1String("workqueue") || becomes == QLatin1String("workqueue");
    if (was != becomes && work) {
        all.refused << say("A stream becomes no work queue later, and a work queue stays one.");
    }
}

void addOthers(Consequences& all, QJsonObject const& before, QJsonObject const& after) {
    QStringList const had = textsIn(before, QStringLiteral("subjects"));
    QStringList const has = textsIn(after, QStringLiteral("subjects"));
    for (QString const& one : had) {
        if (!has.contains(one)) {
            all.others << say("Messages on %1 are no longer kept; those that are, stay.").arg(one);
        }
    }
    for (QString const& one : has) {
        if (!had.contains(one)) {
            all.others << say("Messages on %1 are kept from now on.").arg(one);
        }
    }
    bool const is_new = after.value(QStringLiteral("discard")).toString() == QLatin1String("new");
    bool const was_new = before.value(QStringLiteral("discard")).toString() == QLatin1String("new");
    if (is_new && !was_new) {
        all.others << say("A full stream refuses new messages instead of deleting old ones.");
    } else if (was_new && !is_new) {
        all.others << say("A full stream deletes its oldest messages for new ones.");
    }
    if (!before.value(QStringLiteral("sealed")).toBool() &&
        after.value(QStringLiteral("sealed")).toBool()) {
        all.others << say("Nothing is added to or deleted from it any more, for good.");
    }
    for (char const* const key : {"deny_delete", "deny_purge"}) {
        bool const begins =
            !before.value(QLatin1String(key)).toBool() && after.value(QLatin1String(key)).toBool();
        if (begins) {
            all.others << say("%1 is for good.").arg(QLatin1String(key));
        }
    }
    qint64 const replicas = after.value(QStringLiteral("num_replicas")).toInteger(1);
    qint64 const copies = before.value(QStringLiteral("num_replicas")).toInteger(1);
    if (replicas != copies) {
        all.others << say("It is kept on %1 servers instead of %2.").arg(replicas).arg(copies);
    }
}

}  // namespace

QString spanText(base::Duration span) {
    qint64 const seconds = span.count() / 1'000'000'000;
    if (span.count() <= 0) {
        return say("none");
    }
    if (seconds < 1 || span.count() % 1'000'000'000 != 0) {
        return shortDuration(span);
    }
    QStringList parts;
    qint64 rest = seconds;
    for (Unit const& unit : kSpans) {
        if (rest >= unit.size) {
            parts << QStringLiteral("%1 %2").arg(rest / unit.size).arg(QLatin1String(unit.name));
            rest %= unit.size;
        }
    }
    return parts.join(QLatin1Char(' '));
}

std::optional<base::Duration> parseSpan(QString const& text) {
    QString const wanted = text.trimmed().toLower();
    if (wanted.isEmpty() || wanted == QLatin1String("0") || wanted == QLatin1String("none")) {
        return base::Duration(0);
    }
    double nanoseconds = 0;
    qsizetype at = 0;
    while (at < wanted.size()) {
        qsizetype const begin = at;
        while (at < wanted.size() && (wanted[at].isDigit() || wanted[at] == QLatin1Char('.'))) {
            ++at;
        }
        bool ok = false;
        double const number = wanted.mid(begin, at - begin).toDouble(&ok);
        while (at < wanted.size() && wanted[at].isSpace()) {
            ++at;
        }
        qsizetype const word = at;
        while (at < wanted.size() && wanted[at].isLetter()) {
            ++at;
        }
        QString const unit = wanted.mid(word, at - word);
        double const size = unit == QLatin1String("ms")                                  ? 1e6
                            : unit == QLatin1String("s")                                 ? 1e9
                            : unit == QLatin1String("m") || unit == QLatin1String("min") ? 60e9
                            : unit == QLatin1String("h")                                 ? 3'600e9
                            : unit == QLatin1String("d")                                 ? 86'400e9
                            : unit == QLatin1String("w")                                 ? 604'800e9
                                                                                         : 0;
        if (!ok || size == 0) {
            return std::nullopt;
        }
        nanoseconds += number * size;
        while (at < wanted.size() && wanted[at].isSpace()) {
            ++at;
        }
    }
    return nanoseconds < 9e18 ? std::optional(base::Duration(static_cast<qint64>(nanoseconds)))
                              : std::nullopt;
}

std::optional<qint64> parseAmount(QString const& text) {
    QString wanted = text.trimmed().toLower().remove(QLatin1Char(' ')).remove(QLatin1Char(','));
    if (wanted.isEmpty() || wanted == QLatin1String("none") || wanted == QLatin1String("-1")) {
        return -1;
    }
    if (wanted.endsWith(QLatin1Char('b'))) {
        wanted.chop(1);
    }
    for (Unit const& unit : kAmounts) {
        QString const name = QLatin1String(unit.name);
        if (!wanted.endsWith(name)) {
            continue;
        }
        bool ok = false;
        double const number = wanted.left(wanted.size() - name.size()).toDouble(&ok);
        double const amount = number * static_cast<double>(unit.size);
        return ok && amount >= 0 && amount < 9e18 ? std::optional(static_cast<qint64>(amount))
                                                  : std::nullopt;
    }
    return std::nullopt;
}

QString amountText(qint64 amount) {
    if (amount < 0) {
        return {};
    }
    for (Unit const& unit : kAmounts) {
        if (unit.size > 1 && amount >= unit.size && amount % unit.size == 0) {
            QString name = QLatin1String(unit.name);
            name[0] = unit.size == 1'000 ? QLatin1Char('k') : name[0].toUpper();
            return QStringLiteral("%1 %2").arg(amount / unit.size).arg(name);
        }
    }
    return QString::number(amount);
}

QString limitsText(host::StreamLimits const& limits) {
    QStringList all;
    if (limits.messages > 0) {
        all << say("%1 messages").arg(shortCount(static_cast<double>(limits.messages)));
    }
    if (limits.bytes > 0) {
        all << shortBytes(static_cast<double>(limits.bytes));
    }
    if (limits.age.count() > 0) {
        all << spanText(limits.age);
    }
    if (limits.messages_per_subject > 0) {
        all << say("%1 per subject")
                   .arg(exactCount(static_cast<quint64>(limits.messages_per_subject)));
    }
    if (limits.message_size > 0) {
        all << say("%1 a message").arg(shortBytes(static_cast<double>(limits.message_size)));
    }
    return all.isEmpty() ? say("none") : all.join(QStringLiteral(", "));
}

Consequences consequencesOf(QJsonObject const& before, QJsonObject const& after,
                            host::StreamState const& state, base::WallTime now) {
    Consequences all;
    if (before.isEmpty()) {
        return all;
    }
    addDeletes(all, before, after, state, now);
    addRefused(all, before, after);
    addOthers(all, before, after);
    return all;
}

QString streamHtml(host::StreamFacts const& stream, base::WallTime now) {
    host::StreamState const& state = stream.state;
    QString const none = say("none");
    QString html = QStringLiteral("<h3>%1</h3>").arg(wireText(stream.name).toHtmlEscaped());
    if (!stream.description.empty()) {
        html += QStringLiteral("<p>%1</p>").arg(wireText(stream.description).toHtmlEscaped());
    }
    QStringList subjects;
    for (std::string const& one : stream.subjects) {
        subjects << wireText(one);
    }
    html += QStringLiteral("<table>");
    html +=
        htmlRow(say("Subjects"), subjects.isEmpty() ? none : subjects.join(QStringLiteral(", ")));
    html += htmlRow(say("Messages"), exactCount(state.messages));
    html += htmlRow(say("Bytes"), shortBytes(static_cast<double>(state.bytes)));
    html += htmlRow(say("Sequences"),
                    say("%1 to %2").arg(exactCount(state.first), exactCount(state.last)));
    html += htmlRow(say("Gaps"), exactCount(state.deleted));
    html += htmlRow(say("Distinct subjects"), exactCount(state.subjects));
    if (state.first_time.is_set()) {
        html += htmlRow(say("Oldest"), dateText(state.first_time));
        html += htmlRow(say("Newest"),
                        say("%1, %2 ago")
                            .arg(dateText(state.last_time),
                                 ago(millisecondsOf(now) - millisecondsOf(state.last_time))));
    }
    html += htmlRow(say("Consumers"), exactCount(state.consumers));
    html += QStringLiteral("</table><h4>%1</h4><table>").arg(say("Settings"));
    html += htmlRow(say("Storage"), wireText(stream.storage));
    html += htmlRow(say("Retention"), wireText(stream.retention));
    html += htmlRow(say("When full"), stream.discard == "new" ? say("refuses new messages")
                                                              : say("deletes the oldest"));
    html += htmlRow(say("Most messages"), amountOr(stream.limits.messages, none));
    html += htmlRow(say("Most bytes"), stream.limits.bytes < 0
                                           ? none
                                           : shortBytes(static_cast<double>(stream.limits.bytes)));
    html += htmlRow(say("Oldest age"), spanText(stream.limits.age));
    html += htmlRow(say("Most per subject"), amountOr(stream.limits.messages_per_subject, none));
    html += htmlRow(say("Replicas"), QString::number(stream.replicas));
    html += htmlRow(say("Direct get"), stream.allow_direct ? say("yes") : say("no"));
    html += htmlRow(say("Created"), dateText(stream.created));
    if (!stream.leader.empty()) {
        html += htmlRow(say("Leader"), wireText(stream.leader));
    }
    html += QStringLiteral("</table>");
    auto const peers = [&](QString const& title, std::vector<host::PeerFacts> const& all) {
        html += all.empty() ? QString() : QStringLiteral("<h4>%1</h4><table>").arg(title);
        for (host::PeerFacts const& peer : all) {
            QString text = peer.lag == 0 ? say("up to date")
                                         : say("%1 messages behind").arg(exactCount(peer.lag));
            text = peer.offline ? say("offline") : text;
            text = peer.error.empty() ? text : wireText(peer.error);
            html += htmlRow(wireText(peer.name), text);
        }
        html += all.empty() ? QString() : QStringLiteral("</table>");
    };
    peers(say("Copies"), stream.copies);
    peers(say("Sources"), stream.sources);
    if (stream.mirror) {
        peers(say("Mirror of"), {*stream.mirror});
    }
    return html;
}

QString accountUseText(host::AccountUse const& use) {
    auto const of = [](std::uint64_t used, std::int64_t limit) {
        QString const text = shortBytes(static_cast<double>(used));
        return limit <= 0 ? text
                          : say("%1 of %2").arg(text, shortBytes(static_cast<double>(limit)));
    };
    QStringList parts;
    parts
        << say("%1 streams, %2 consumers").arg(exactCount(use.streams), exactCount(use.consumers));
    parts << say("files %1").arg(of(use.storage, use.max_storage));
    parts << say("memory %1").arg(of(use.memory, use.max_memory));
    if (use.api_errors > 0) {
        parts << say("%1 of %2 requests refused")
                     .arg(exactCount(use.api_errors), exactCount(use.api_total));
    }
    if (!use.domain.empty()) {
        parts << say("domain %1").arg(wireText(use.domain));
    }
    return parts.join(QStringLiteral(" · "));
}

}  // namespace signalbox::gui
