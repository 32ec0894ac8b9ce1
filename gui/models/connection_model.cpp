#include "gui/models/connection_model.h"

#include "gui/models/figures.h"

#include <QCoreApplication>

#include <compare>

namespace signalbox::gui {

namespace {

using Row = observe::ConnectionRow;

double fractionPending(Row const& row) {
    return row.max_pending == 0
               ? 0
               : static_cast<double>(row.pending_bytes) / static_cast<double>(row.max_pending);
}

std::partial_ordering compare(Row const& a, Row const& b, int column) {
    switch (column) {
        case ConnectionModel::Name:
            return a.identity->name <=> b.identity->name;
        case ConnectionModel::Address:
            return std::tie(a.identity->ip, a.identity->port) <=>
                   std::tie(b.identity->ip, b.identity->port);
        case ConnectionModel::Client:
            return std::tie(a.identity->lang, a.identity->version) <=>
                   std::tie(b.identity->lang, b.identity->version);
        case ConnectionModel::User:
            return std::tie(a.identity->account, a.identity->user) <=>
                   std::tie(b.identity->account, b.identity->user);
        case ConnectionModel::Subscriptions:
            return a.subscriptions <=> b.subscriptions;
        case ConnectionModel::MsgsIn:
            return a.in_msgs.per_second <=> b.in_msgs.per_second;
        case ConnectionModel::MsgsOut:
            return a.out_msgs.per_second <=> b.out_msgs.per_second;
        case ConnectionModel::BytesIn:
            return a.in_bytes.per_second <=> b.in_bytes.per_second;
        case ConnectionModel::BytesOut:
            return a.out_bytes.per_second <=> b.out_bytes.per_second;
        case ConnectionModel::TotalIn:
            return a.in_msgs.total <=> b.in_msgs.total;
        case ConnectionModel::TotalOut:
            return a.out_msgs.total <=> b.out_msgs.total;
        case ConnectionModel::Pending:
            return fractionPending(a) <=> fractionPending(b);
        case ConnectionModel::RoundTrip:
            return a.rtt <=> b.rtt;
        case ConnectionModel::Uptime:
            return b.identity->start.since_epoch() <=> a.identity->start.since_epoch();
        case ConnectionModel::Idle:
            return b.last_activity_ms <=> a.last_activity_ms;
        default:
            return a.identity->cid <=> b.identity->cid;
    }
}

}  // namespace

QString clientText(observe::ConnectionIdentity const& identity) {
    return wireText(identity.lang + (identity.version.empty() ? "" : " ") + identity.version);
}

QString connectionText(observe::ConnectionIdentity const& identity) {
    // Events of servers elsewhere tell no port.
    QString const address =
        identity.port == 0 ? wireText(identity.ip)
                           : QStringLiteral("%1:%2").arg(wireText(identity.ip)).arg(identity.port);
    return identity.name.empty()
               ? QCoreApplication::translate("connection", "connection %1 from %2")
                     .arg(identity.cid)
                     .arg(address)
               : QCoreApplication::translate("connection", "%1 (connection %2 from %3)")
                     .arg(wireText(identity.name))
                     .arg(identity.cid)
                     .arg(address);
}

void ConnectionModel::show(std::vector<Row> rows, qint64 nowMs) {
    nowMs_ = nowMs;
    std::erase_if(rows, [](Row const& row) { return row.identity == nullptr; });
    order(rows);
    if (held_) {
        keepPlaces(rows);
    }
    replaceRows(std::move(rows));
}

void ConnectionModel::setSort(SortState sort) {
    sort_ = sort;
    std::vector<Row> again = rows();
    order(again);
    replaceRows(std::move(again));
}

void ConnectionModel::order(std::vector<Row>& rows) const {
    std::ranges::sort(rows, [&](Row const& a, Row const& b) {
        std::partial_ordering const less = compare(a, b, sort_.column);
        if (less != std::partial_ordering::equivalent) {
            return sort_.descending() ? less == std::partial_ordering::greater
                                      : less == std::partial_ordering::less;
        }
        return a.identity->cid < b.identity->cid;
    });
}

void ConnectionModel::keepPlaces(std::vector<Row>& next) const {
    std::unordered_map<Key, std::size_t> places;
    for (Row const& row : rows()) {
        places.emplace(keyOf(row), places.size());
    }
    std::ranges::stable_sort(next, {}, [&](Row const& row) {
        auto const found = places.find(keyOf(row));
        return found == places.end() ? places.size() : found->second;
    });
}

int ConnectionModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant ConnectionModel::data(QModelIndex const& index, int role) const {
    Row const* row = rowAt(index.row());
    if (row == nullptr) {
        return {};
    }
    int const column = index.column();
    switch (role) {
        case Qt::DisplayRole:
            return text(*row, column);
        case Qt::ToolTipRole:
            return tip(*row, column);
        case Qt::AccessibleTextRole:
            return column == Pending && row->slow ? tr("%1, slow").arg(text(*row, column))
                                                  : text(*row, column);
        case Qt::TextAlignmentRole: {
            bool const words =
                column == Name || column == Address || column == Client || column == User;
            return int((words ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
        }
        case ToneRole:
            return static_cast<int>(tone(*row, column));
        case BadgesRole:
            if (column == Name && row->slow) {
                return QVariant::fromValue(Badges{{tr("slow"), Tone::Warning}});
            }
            return {};
        case FractionRole:
            return column == Pending ? QVariant(fractionPending(*row)) : QVariant();
        default:
            return {};
    }
}

QString ConnectionModel::text(Row const& row, int column) const {
    switch (column) {
        case Cid:
            return QString::number(row.identity->cid);
        case Name:
            return row.identity->name.empty() ? tr("unnamed") : wireText(row.identity->name);
        case Address:
            return QStringLiteral("%1:%2").arg(wireText(row.identity->ip)).arg(row.identity->port);
        case Client:
            return clientText(*row.identity);
        case User:
            return row.identity->user.empty()
                       ? wireText(row.identity->account)
                       : wireText(row.identity->account + " / " + row.identity->user);
        case Subscriptions:
            return exactCount(row.subscriptions);
        case MsgsIn:
            return rateCell(row.in_msgs.per_second);
        case MsgsOut:
            return rateCell(row.out_msgs.per_second);
        case BytesIn:
            return byteRateCell(row.in_bytes.per_second);
        case BytesOut:
            return byteRateCell(row.out_bytes.per_second);
        case TotalIn:
            return shortCount(static_cast<double>(row.in_msgs.total));
        case TotalOut:
            return shortCount(static_cast<double>(row.out_msgs.total));
        case Pending:
            return row.pending_bytes == 0 ? QString(QChar(0x2013))
                                          : shortBytes(static_cast<double>(row.pending_bytes));
        case RoundTrip:
            return row.rtt.count() == 0 ? QString(QChar(0x2013)) : shortDuration(row.rtt);
        case Uptime:
            return ago(nowMs_ - millisecondsOf(row.identity->start));
        case Idle:
            return row.last_activity_ms == 0 ? QString(QChar(0x2013))
                                             : ago(nowMs_ - row.last_activity_ms);
        default:
            return {};
    }
}

QString ConnectionModel::tip(Row const& row, int column) const {
    switch (column) {
        case MsgsIn:
        case TotalIn:
            return tr("%1 messages came in from this connection")
                .arg(exactCount(row.in_msgs.total));
        case MsgsOut:
        case TotalOut:
            return tr("%1 messages went out to this connection")
                .arg(exactCount(row.out_msgs.total));
        case BytesIn:
            return tr("%1 bytes came in").arg(exactCount(row.in_bytes.total));
        case BytesOut:
            return tr("%1 bytes went out").arg(exactCount(row.out_bytes.total));
        case Pending:
            return tr("%1 of %2 bytes wait to be read by the client")
                .arg(exactCount(row.pending_bytes), exactCount(row.max_pending));
        case Uptime:
            return tr("Connected %1").arg(dateText(row.identity->start));
        default:
            return connectionText(*row.identity);
    }
}

Tone ConnectionModel::tone(Row const& row, int column) const {
    switch (column) {
        case Cid:
        case RoundTrip:
        case Uptime:
        case Idle:
            return Tone::Muted;
        case Name:
            return row.identity->name.empty() ? Tone::Muted : Tone::Plain;
        case MsgsIn:
            return row.in_msgs.per_second < 0.05 ? Tone::Muted : Tone::Plain;
        case MsgsOut:
            return row.out_msgs.per_second < 0.05 ? Tone::Muted : Tone::Plain;
        case BytesIn:
            return row.in_bytes.per_second < 0.5 ? Tone::Muted : Tone::Plain;
        case BytesOut:
            return row.out_bytes.per_second < 0.5 ? Tone::Muted : Tone::Plain;
        case Pending:
            return row.slow ? Tone::Warning : row.pending_bytes == 0 ? Tone::Muted : Tone::Plain;
        default:
            return Tone::Plain;
    }
}

QVariant ConnectionModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= kColumns) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        bool const words =
            section == Name || section == Address || section == Client || section == User;
        return int((words ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    QString const names[kColumns] = {tr("Id"),      tr("Name"),    tr("Address"),  tr("Client"),
                                     tr("Account"), tr("Subs"),    tr("Msg/s in"), tr("Msg/s out"),
                                     tr("B/s in"),  tr("B/s out"), tr("Msgs in"),  tr("Msgs out"),
                                     tr("Pending"), tr("RTT"),     tr("Uptime"),   tr("Idle")};
    return names[section];
}

}  // namespace signalbox::gui
