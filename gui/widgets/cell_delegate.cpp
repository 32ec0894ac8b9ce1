#include "gui/widgets/cell_delegate.h"

#include "gui/models/roles.h"
#include "gui/models/subject_tree_model.h"
#include "gui/widgets/sparkline.h"

#include <QPainter>
#include <QPainterPath>

namespace signalbox::gui {

namespace {

constexpr int kPadding = 8;
constexpr int kIndent = 16;
constexpr int kArrow = 16;

void paintArrow(QPainter& painter, QRect const& area, bool expanded, QColor const& color) {
    QPointF const centre = QRectF(area).center();
    QPolygonF line;
    if (expanded) {
        line << centre + QPointF(-3.5, -1.75) << centre + QPointF(0, 1.75)
             << centre + QPointF(3.5, -1.75);
    } else {
        line << centre + QPointF(-1.75, -3.5) << centre + QPointF(1.75, 0)
             << centre + QPointF(-1.75, 3.5);
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    painter.restore();
}

}  // namespace

CellDelegate::CellDelegate(Theme const& theme, QObject* parent)
    : QStyledItemDelegate(parent), theme_(theme), monospaceFont_(Theme::monospace()) {}

QRect CellDelegate::arrowRect(QRect const& cell, int depth) {
    return {cell.left() + 4 + depth * kIndent, cell.top(), kArrow, cell.height()};
}

QSize CellDelegate::sizeHint(QStyleOptionViewItem const& /*option*/,
                             QModelIndex const& /*index*/) const {
    return {80, kRowHeight};
}

void CellDelegate::paint(QPainter* painter, QStyleOptionViewItem const& option,
                         QModelIndex const& index) const {
    paintBackground(*painter, option);
    QRect cell = option.rect;
    auto const tone = static_cast<Tone>(index.data(ToneRole).toInt());
    if (index.data(DepthRole).isValid() && index.column() == 0) {
        cell = paintTree(*painter, cell, index);
    }
    QVariant const fraction = index.data(FractionRole);
    if (fraction.isValid()) {
        paintBar(*painter, cell, fraction.toDouble(), tone);
    }
    QVariant const trail = index.data(TrailRole);
    if (trail.isValid()) {
        paintSparkline(*painter, QRectF(cell).adjusted(6, 5, -6, -5), trail.value<Trail>(),
                       SubjectTreeModel::kTrailLength, theme_.tokens().series[0]);
    }
    QString const text = index.data(Qt::DisplayRole).toString();
    painter->setFont(monospace_.contains(index.column()) ? monospaceFont_ : option.font);
    QFontMetrics const metrics = painter->fontMetrics();
    QRect area = cell.adjusted(kPadding, 0, -kPadding, 0);
    if (index.data(BadgesRole).isValid()) {
        int const wanted = text.isEmpty() ? 0 : metrics.horizontalAdvance(text) + kSpace;
        area = paintBadges(*painter, area, index, wanted);
        painter->setFont(option.font);
    }
    if (!text.isEmpty()) {
        QVariant const alignment = index.data(Qt::TextAlignmentRole);
        int const flags =
            alignment.isValid() ? alignment.toInt() : int(Qt::AlignLeft | Qt::AlignVCenter);
        painter->setPen(theme_.color(tone));
        painter->drawText(area, flags | Qt::TextSingleLine,
                          metrics.elidedText(text, Qt::ElideRight, area.width()));
    }
    if ((option.state & QStyle::State_HasFocus) != 0) {
        painter->setPen(theme_.tokens().accent);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
}

void CellDelegate::paintBackground(QPainter& painter, QStyleOptionViewItem const& option) const {
    ThemeTokens const& tokens = theme_.tokens();
    if ((option.state & QStyle::State_Selected) != 0) {
        painter.fillRect(option.rect, tokens.selection);
    } else if ((option.features & QStyleOptionViewItem::Alternate) != 0) {
        painter.fillRect(option.rect, tokens.alternate);
    }
}

QRect CellDelegate::paintTree(QPainter& painter, QRect cell, QModelIndex const& index) const {
    int const depth = index.data(DepthRole).toInt();
    QRect const arrow = arrowRect(cell, depth);
    if (index.data(HasChildrenRole).toBool()) {
        paintArrow(painter, arrow, index.data(ExpandedRole).toBool(), theme_.tokens().muted);
    }
    cell.setLeft(arrow.right() - kPadding + 5);
    return cell;
}

/// Beside the text, which comes first and needs `used` pixels; cut to what there is.
QRect CellDelegate::paintBadges(QPainter& painter, QRect cell, QModelIndex const& index,
                                int used) const {
    auto const badges = index.data(BadgesRole).value<Badges>();
    QFont font = painter.font();
    font.setPointSizeF(font.pointSizeF() * 0.86);
    painter.setFont(font);
    QFontMetrics const metrics = painter.fontMetrics();
    int width = 0;
    for (Badge const& badge : badges) {
        width += metrics.horizontalAdvance(badge.text) + 16;
    }
    int left = cell.left() + std::min(used, std::max(0, cell.width() - width));
    int const end = left;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    for (Badge const& badge : badges) {
        int const size = metrics.horizontalAdvance(badge.text) + 12;
        QRectF const pill(left + 0.5, cell.center().y() - 7.5, size, 16);
        if (pill.right() > cell.right() + 1) {
            break;
        }
        QColor const color = theme_.color(badge.tone);
        QColor edge = color;
        edge.setAlphaF(0.55F);
        painter.setPen(edge);
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(pill, 7.5, 7.5);
        painter.setPen(color);
        painter.drawText(pill, Qt::AlignCenter, badge.text);
        left += size + 4;
    }
    painter.restore();
    if (used > 0 && !badges.empty()) {
        cell.setRight(std::max(cell.left(), end - 4));
    }
    return cell;
}

void CellDelegate::paintBar(QPainter& painter, QRect const& cell, double fraction,
                            Tone tone) const {
    QRectF bar = QRectF(cell).adjusted(4, 4, -4, -4);
    double const width = bar.width() * std::clamp(fraction, 0.0, 1.0);
    if (width < 0.5) {
        return;
    }
    bar.setLeft(bar.right() - std::max(width, 1.5));
    QColor color = tone == Tone::Warning ? theme_.tokens().warning : theme_.tokens().series[0];
    color.setAlphaF(0.24F);
    painter.fillRect(bar, color);
}

}  // namespace signalbox::gui
