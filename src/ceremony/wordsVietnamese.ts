/** The Vietnamese word of each byte, from 00 to ff, by their letters without marks. Records hold them: they never change. */

export const VIETNAMESE_WORDS: readonly string[] = `
  ánh nắng, áo mưa, bác sĩ, bậc thềm, bàn chân, bàn ghế, bảng đen, bánh chưng,
  bánh xe, bao gạo, bát đũa, bầu trời, bến tàu, bếp than, bi ve, bia đá,
  bình hoa, bờ ao, bò sữa, bóng đá, bông lúa, bụi tre, buổi sáng, búp bê,
  bút chì, bưu điện, cá chép, cà chua, cà phê, cá voi, cái kéo, cái trống,
  cành đào, cánh diều, cao su, cát vàng, câu thơ, cầu vồng, cây đa, cây dừa,
  cây thông, chăn bông, chanh dây, chén trà, chiếc lá, chiếu cói, chim én, chim sẻ,
  chó con, chổi rơm, chong chóng, chữ viết, chuồn chuồn, chuông gió, chuột đồng, cờ vua,
  cốc sứ, cơn bão, con cua, con đò, con ong, cổng làng, củ cải, củ gừng,
  củ khoai, cửa sổ, đá cuội, dạ hương, đại bàng, đàn bầu, đàn kiến, dàn nhạc,
  đất sét, đậu phộng, dây thừng, đê biển, dế mèn, đèn lồng, dép nhựa, đồi chè,
  đôi giày, đom đóm, đồng hồ, dòng sông, đu quay, dưa hấu, đua thuyền, đường phố,
  ếch xanh, gà trống, gạch ngói, găng tay, gấu trúc, ghi ta, giếng làng, giỏ cam,
  giọt sương, gối ôm, gốm sứ, gương soi, hải đăng, hàng cau, hang động, hành tây,
  hạt tiêu, hoa cúc, hoa hồng, họa mi, hoa sen, hồng hạc, hộp quà, hươu sao,
  kem dừa, kẹo lạc, kẹp giấy, khăn len, khế chua, khỉ vàng, khúc gỗ, khung ảnh,
  kim chỉ, kính lúp, la bàn, lá cọ, lạc đà, làng nghề, lễ hội, lò gốm,
  lọ mực, lon bia, lợn rừng, lớp học, lúa mạch, lụa tơ, lưới cá, mái đình,
  mầm non, măng tre, mật ong, máy khâu, mây trắng, men sứ, mèo mun, mía lau,
  miền núi, mít mật, móng ngựa, mũ cối, mùa thu, mực khô, mũi tên, muối biển,
  nải chuối, nắm xôi, nến thơm, ngã ba, ngải cứu, nghé con, ngôi sao, ngọn đuốc,
  nhà sàn, nhạc sĩ, nhãn lồng, nhện nước, nho khô, nồi đồng, nón quai, nụ cười,
  núi lửa, nương ngô, ổ khóa, ô tô, ống khói, ớt cay, pha lê, phấn trắng,
  phao bơi, pháo hoa, phi công, phích nước, phố cổ, phù sa, quả bưởi, quả chuông,
  quân cờ, quạt nan, quê nhà, quốc lộ, quyển sách, rạp xiếc, rau muống, rơm rạ,
  rừng thông, rượu nếp, ruy băng, sấm sét, sân bay, sao biển, sáo trúc, sầu riêng,
  sen vàng, sóc nâu, sỏi đá, sóng thần, sư tử, sữa chua, tắc kè, tai nghe,
  tấm ván, tàu hỏa, tem thư, thác bạc, thạch anh, thảm len, thang máy, tháp chàm,
  thìa bạc, thỏ ngọc, thợ rèn, thóc giống, thước kẻ, thủy triều, thuyền buồm, tía tô,
  tiếng hát, tổ chim, tò he, tơ tằm, tóc mây, tôm hùm, trạm xá, trăng rằm,
  tranh lụa, trâu nước, trẻ thơ, trò chơi, trứng vịt, trường học, tủ lạnh, túi vải,
  tuyết rơi, ủng cao, ve sầu, ví da, vịt trời, vỏ sò, vòi nước, vòng tay,
  vườn rau, xà phòng, xe đạp, xích lô, xoài cát, xương rồng, yếm đào, yên ngựa
`
  .trim()
  .split(/,\s+/);
