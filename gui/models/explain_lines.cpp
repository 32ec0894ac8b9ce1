#include "gui/models/explain_lines.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <set>
#include <utility>

namespace signalbox::gui {

namespace {

using observe::ExplainedReceiver;
using observe::ExplainedWay;
using observe::Explanation;

QString say(char const* text) {
    return QCoreApplication::translate("explain", text);
}

QString textOf(std::string const& text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString whoOf(observe::ExplainQuestion const& question) {
    return question.user.empty() ? say("whoever asks") : textOf(question.user);
}

QString clientText(QString const& name, qint64 cid) {
    if (cid == 0) {
        return say("the server itself");
    }
    return name.isEmpty() ? say("connection %1").arg(cid)
                          : say("%1 (connection %2)").arg(name).arg(cid);
}

QString receiverText(ExplainedReceiver const& receiver) {
    return say("%1, subscribed to %2")
        .arg(clientText(textOf(receiver.name), static_cast<qint64>(receiver.cid)),
             textOf(receiver.filter));
}

class LineWriter {
public:
    std::vector<ExplainLine> take() { return std::move(lines_); }

    void add(int depth, Tone tone, char const* mark, QString const& text) {
        lines_.push_back(
            {.depth = depth, .tone = tone, .mark = QString::fromUtf8(mark), .text = text});
    }

    void way(ExplainedWay const& way, observe::ExplainQuestion const& question) {
        int depth = 0;
        if (!way.mapping.empty()) {
            add(depth++, Tone::Accent, "→",
                say("mapping %1, for %2 % of the messages")
                    .arg(textOf(way.mapping))
                    .arg(way.percent));
        }
        if (!way.subject.empty()) {
            permission(depth, way, question);
        }
        for (std::string const& obstacle : way.obstacles) {
            add(depth + 1, Tone::Error, "✗", textOf(obstacle));
        }
        if (way.publish.allowed) {
            receivers(depth + 1, way);
        }
        for (std::string const& hint : way.hints) {
            add(depth + 1, Tone::Warning, "?", textOf(hint));
        }
    }

private:
    void permission(int depth, ExplainedWay const& way, observe::ExplainQuestion const& question) {
        QString const line = textOf(way.publish.line);
        QString const subject = textOf(way.subject);
        if (!way.publish.allowed) {
            add(depth, Tone::Error, "✗",
                say("%1 may not publish to %2").arg(whoOf(question), subject));
        } else if (line.isEmpty()) {
            add(depth, Tone::Good, "✓",
                say("%1 may publish to %2: nothing forbids it").arg(whoOf(question), subject));
        } else {
            add(depth, Tone::Good, "✓",
                say("%1 may publish to %2, by %3").arg(whoOf(question), subject, line));
        }
    }

    void receivers(int depth, ExplainedWay const& way) {
        std::vector<std::string> through;
        std::string account;
        std::string group;
        int at = depth;
        for (ExplainedReceiver const& receiver : way.receivers) {
            if (receiver.through != through || receiver.account != account) {
                through = receiver.through;
                account = receiver.account;
                group.clear();
                at = cross(depth, receiver);
            }
            if (!receiver.queue.empty() && receiver.queue != group) {
                add(at, Tone::Accent, "◆",
                    say("queue group %1: one of %2 receives it")
                        .arg(textOf(receiver.queue))
                        .arg(receiver.group_size));
            }
            group = receiver.queue;
            add(at + (group.empty() ? 0 : 1), receiver);
        }
    }

    /// The accounts on the way to a receiver; answers how deep it stands.
    int cross(int depth, ExplainedReceiver const& receiver) {
        for (std::string const& step : receiver.through) {
            add(depth++, Tone::Accent, "→", textOf(step));
        }
        if (!receiver.through.empty()) {
            add(depth, Tone::Muted, "·",
                say("arrives in %1 as %2").arg(textOf(receiver.account), textOf(receiver.subject)));
        }
        return depth;
    }

    void add(int depth, ExplainedReceiver const& receiver) {
        if (receiver.hears.allowed) {
            add(depth, Tone::Good, "✓", receiverText(receiver));
            return;
        }
        add(depth, Tone::Error, "✗",
            say("%1: not delivered, by %2")
                .arg(receiverText(receiver), receiver.hears.line.empty()
                                                 ? say("no line that allows it")
                                                 : textOf(receiver.hears.line)));
    }

    std::vector<ExplainLine> lines_;
};

/// `2026-01-02T03:04:05.678901234Z`, without the date.
QString timeOf(QJsonObject const& event) {
    return event.value(QLatin1String("ts")).toString().mid(11, 15);
}

void addEvent(QJsonObject const& event, LineWriter& out) {
    auto const text = [&](char const* key) { return event.value(QLatin1String(key)).toString(); };
    QString const type = text("type");
    QString const time = timeOf(event);
    QString const client = clientText(text("name"), event.value(QLatin1String("cid")).toInteger());
    QString const error = text("error");
    if (type == QLatin1String("in")) {
        out.add(0, error.isEmpty() ? Tone::Accent : Tone::Error, "↘",
                say("%1 came in from %2, in account %3, on %4")
                    .arg(time, client, text("acc"), text("subj")));
    } else if (type == QLatin1String("sm")) {
        out.add(1, Tone::Accent, "→", say("%1 mapped to %2").arg(time, text("to")));
    } else if (type == QLatin1String("se")) {
        out.add(1, Tone::Accent, "→",
                say("%1 went over to account %2 as %3").arg(time, text("acc"), text("to")));
    } else if (type == QLatin1String("si")) {
        out.add(1, Tone::Accent, "→",
                say("%1 asked of account %2 as %3").arg(time, text("acc"), text("to")));
    } else if (type == QLatin1String("eg")) {
        QString line = say("%1 went to %2, subscribed to %3").arg(time, client, text("sub"));
        if (!text("queue").isEmpty()) {
            line += say(", for queue group %1").arg(text("queue"));
        }
        if (!text("acc").isEmpty()) {
            line += say(", in account %1").arg(text("acc"));
        }
        out.add(2, error.isEmpty() ? Tone::Good : Tone::Error, error.isEmpty() ? "✓" : "✗", line);
    } else {
        out.add(1, Tone::Muted, "·", say("%1 %2").arg(time, type));
    }
    if (!error.isEmpty()) {
        out.add(3, Tone::Error, "✗", error);
    }
}

}  // namespace

int receiverCount(Explanation const& explanation) {
    std::set<std::pair<std::uint64_t, std::string>> plain;
    std::set<std::string> groups;
    for (ExplainedWay const& way : explanation.ways) {
        for (ExplainedReceiver const& receiver : way.receivers) {
            if (!way.publish.allowed || !receiver.hears.allowed) {
                continue;
            }
            if (receiver.queue.empty()) {
                plain.emplace(receiver.cid, receiver.sid);
            } else {
                groups.insert(receiver.account + ' ' + receiver.filter + ' ' + receiver.queue);
            }
        }
    }
    return static_cast<int>(plain.size() + groups.size());
}

std::vector<ExplainLine> explainLines(Explanation const& explanation) {
    LineWriter out;
    int const count = receiverCount(explanation);
    out.add(0, count > 0 ? Tone::Good : Tone::Warning, count > 0 ? "✓" : "○",
            count == 0   ? say("Nobody would receive it.")
            : count == 1 ? say("One subscription would receive it.")
                         : say("%1 subscriptions would receive it.").arg(count));
    for (std::string const& obstacle : explanation.obstacles) {
        out.add(0, Tone::Error, "✗", textOf(obstacle));
    }
    for (ExplainedWay const& way : explanation.ways) {
        out.way(way, explanation.question);
    }
    return out.take();
}

std::vector<ExplainLine> traceLines(QByteArray const& document) {
    LineWriter out;
    QJsonArray const events =
        QJsonDocument::fromJson(document).object().value(QLatin1String("events")).toArray();
    for (QJsonValue const& event : events) {
        addEvent(event.toObject(), out);
    }
    if (events.isEmpty()) {
        out.add(0, Tone::Warning, "?", say("The server told nothing of it."));
    }
    return out.take();
}

QString explainText(std::vector<ExplainLine> const& lines) {
    QString text;
    for (ExplainLine const& line : lines) {
        text += QString(line.depth * 4, QLatin1Char(' ')) + line.mark + QLatin1Char(' ') +
                line.text + QLatin1Char('\n');
    }
    return text;
}

}  // namespace signalbox::gui
